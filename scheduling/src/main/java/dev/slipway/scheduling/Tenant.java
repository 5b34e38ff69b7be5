package dev.slipway.scheduling;

import dev.slipway.model.AppId;
import dev.slipway.model.FunctionId;
import dev.slipway.model.Resources;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// A function that has containers, and the room that they take.
///
/// @param keeps how many containers it must keep
/// @param inputsWait whether inputs wait for them
public record Tenant(
    FunctionId function, AppId app, int keeps, boolean inputsWait, List<Place> places) {
  /// A container, where it is, and what it was promised there.
  public record Place(ContainerSnapshot container, String workerId, Resources resources) {}

  public Tenant {
    places = List.copyOf(places);
  }

  /// What each container's room is used for. Those that must be kept are the ones that work, and
  /// the ones that worked last.
  List<Holding> holdings() {
    List<Place> counted =
        places.stream()
            .filter(p -> p.container().counts())
            .sorted(
                Comparator.comparing((Place p) -> p.container().idle())
                    .reversed()
                    .thenComparing(p -> p.container().since()))
            .toList();
    int dispensable = Math.max(0, counted.size() - keeps);
    List<Holding> holdings = new ArrayList<>();
    places.stream()
        .filter(p -> !p.container().counts())
        .forEach(p -> holdings.add(holding(p, Holding.Use.LEAVING)));
    for (Place place : counted) {
      boolean starting = place.container().phase() == ContainerSnapshot.Phase.STARTING;
      Holding.Use use;
      if (starting || dispensable == 0) {
        use = starting ? Holding.Use.STARTING : Holding.Use.KEPT;
      } else {
        dispensable--;
        use = place.container().idle() && !inputsWait ? Holding.Use.SPARE : Holding.Use.WORKING;
      }
      holdings.add(holding(place, use));
    }
    return holdings;
  }

  private Holding holding(Place place, Holding.Use use) {
    return new Holding(
        place.container().task(),
        function,
        app,
        place.workerId(),
        place.resources(),
        use,
        place.container().since());
  }
}
