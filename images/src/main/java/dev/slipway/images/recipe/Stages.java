package dev.slipway.images.recipe;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/// The stages of a recipe while it is read. A stage refers to earlier ones; an image that it copies
/// from stands among them as a stage without steps.
final class Stages {
  /// Most stages of a recipe.
  private static final int MOST = 200;

  private final List<String> names;
  private final List<Recipe.Stage> all = new ArrayList<>();
  // Places in `all`: of the recipe's own stages in their order, of those by name, of images.
  private final List<Integer> own = new ArrayList<>();
  private final Map<String, Integer> byName = new HashMap<>();
  private final Map<String, Integer> images = new HashMap<>();
  private final Map<String, String> ofImages = new LinkedHashMap<>();

  /// @param names of all the recipe's stages in their order; empty for one without a name
  Stages(List<String> names) {
    this.names = names.stream().map(Stages::folded).toList();
  }

  /// The number of the stage that is being read, counted from 0.
  int current() {
    return own.size();
  }

  /// Ends the stage that is being read.
  void add(LogicalLine line, Recipe.Start start, List<RecipeStep> steps) {
    if (all.size() >= MOST) {
      throw line.malformed("an image's recipe may have %d stages".formatted(MOST));
    }
    String name = names.get(own.size());
    own.add(all.size());
    if (!name.isEmpty()) {
      byName.put(name, all.size());
    }
    all.add(new Recipe.Stage(name.isEmpty() ? "stage " + own.size() : name, start, steps));
  }

  /// The place of the stage that was ended last.
  int lastPlace() {
    return all.size() - 1;
  }

  /// An earlier stage of this name.
  Optional<Integer> find(String name) {
    return Optional.ofNullable(byName.get(folded(name)));
  }

  /// What FROM refers to.
  Recipe.Start start(LogicalLine line, String name) {
    Optional<Integer> earlier = find(name);
    if (earlier.isPresent()) {
      return new Recipe.Start.Earlier(earlier.get());
    }
    if (!folded(name).equals(names.get(current()))) {
      refuseLater(line, name);
    }
    if (!own.isEmpty()) {
      remarkNoStage(line, name);
    }
    return new Recipe.Start.Image(name);
  }

  /// The place of the stage that a copy or mount refers to: by number, by name, else by the name of
  /// an image.
  int source(LogicalLine line, String name) {
    if (name.contains("$")) {
      throw line.malformed(
          "'"
              + name
              + "' has a variable; give the image a stage of its own, FROM "
              + name
              + " AS x");
    }
    if (name.matches("\\d{1,4}")) {
      int number = Integer.parseInt(name);
      if (number >= current()) {
        throw line.malformed(
            "there is no earlier stage %d: this is stage %d, counted from 0"
                .formatted(number, current()));
      }
      return own.get(number);
    }
    Optional<Integer> earlier = find(name);
    if (earlier.isPresent()) {
      return earlier.get();
    }
    refuseLater(line, name);
    Integer known = images.get(name);
    if (known != null) {
      return known;
    }
    remarkNoStage(line, name);
    images.put(name, all.size());
    all.add(new Recipe.Stage(name, new Recipe.Start.Image(name), List.of()));
    return all.size() - 1;
  }

  /// What to add to the reason when an image of a name cannot be had: its name may be meant as that
  /// of a stage.
  Map<String, String> ofImages() {
    return ofImages;
  }

  private void remarkNoStage(LogicalLine line, String name) {
    List<String> earlier =
        names.subList(0, own.size()).stream()
            .filter(stage -> !stage.isEmpty())
            .map(stage -> "'" + stage + "'")
            .toList();
    String there =
        earlier.isEmpty()
            ? "no stage with a name comes before line %d of the recipe".formatted(line.number())
            : "before line %d of the recipe there %s %s"
                .formatted(
                    line.number(), earlier.size() == 1 ? "is" : "are", String.join(", ", earlier));
    ofImages.putIfAbsent(name, "'%s' is no stage either: %s.".formatted(name, there));
  }

  private void refuseLater(LogicalLine line, String name) {
    int place = names.subList(current(), names.size()).indexOf(folded(name));
    if (place == 0) {
      throw line.malformed("stage '" + name + "' cannot refer to itself");
    } else if (place > 0) {
      throw line.malformed(
          "stage '" + name + "' comes later; a stage can refer to earlier ones only");
    }
  }

  /// The last stage and those that it needs.
  Recipe recipe() {
    TreeSet<Integer> needed = new TreeSet<>();
    need(all.size() - 1, needed);
    Map<Integer, Integer> places = new LinkedHashMap<>();
    List<Recipe.Stage> kept = new ArrayList<>();
    int number = 0;
    for (int place : needed) {
      places.put(place, kept.size());
      Recipe.Stage stage = all.get(place);
      List<RecipeStep> steps = new ArrayList<>();
      for (RecipeStep step : stage.steps()) {
        steps.add(
            new RecipeStep(
                ++number,
                step.source(),
                References.moved(step.step(), old -> places.getOrDefault(old, 0))));
      }
      Recipe.Start start =
          switch (stage.start()) {
            case Recipe.Start.Image image -> image;
            case Recipe.Start.Earlier earlier ->
                new Recipe.Start.Earlier(places.getOrDefault(earlier.stage(), 0));
          };
      kept.add(new Recipe.Stage(stage.name(), start, steps));
    }
    return new Recipe(kept);
  }

  private void need(int place, TreeSet<Integer> needed) {
    if (!needed.add(place)) {
      return;
    }
    Recipe.Stage stage = all.get(place);
    if (stage.start() instanceof Recipe.Start.Earlier earlier) {
      need(earlier.stage(), needed);
    }
    stage.steps().stream()
        .flatMap(step -> References.of(step.step()))
        .forEach(other -> need(other, needed));
  }

  private static String folded(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
