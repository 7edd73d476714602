UPDATE demo_history SET through = greatest(through, :through)
