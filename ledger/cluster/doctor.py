"""x"""
from dataclasses import dataclass
@dataclass
class Check: pass
def examine(): pass
