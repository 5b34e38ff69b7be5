NAME = "poppy seed"
