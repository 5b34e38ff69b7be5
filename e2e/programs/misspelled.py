RECIPE = "flour, water, salt"

for step in RECIPE.split(", ")
    print(step)
