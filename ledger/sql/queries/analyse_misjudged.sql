SELECT analyse_misjudged()
