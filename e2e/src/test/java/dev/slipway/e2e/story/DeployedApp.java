package dev.slipway.e2e.story;

import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Run;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// An app that stays until it is closed.
final class DeployedApp implements AutoCloseable {
  private final ModalClient client;
  private final String name;

  private DeployedApp(ModalClient client, String name) {
    this.client = client;
    this.name = name;
  }

  static DeployedApp deploy(ModalClient client, String name, String... deployArguments) {
    DeployedApp app = new DeployedApp(client, name);
    app.deployWith(client, deployArguments);
    return app;
  }

  /// Deploys another version, or the same again.
  Run deployWith(ModalClient deployer, String... arguments) {
    List<String> words = new ArrayList<>(List.of("deploy"));
    words.addAll(Arrays.asList(arguments));
    return deployer.modal(words.toArray(String[]::new)).succeeded();
  }

  /// Runs a command that asks whether it really shall.
  static void confirmed(ModalClient client, String... words) {
    List<String> sure = new ArrayList<>(List.of(words));
    sure.add("--yes");
    // The oldest client does not ask, and does not know the option that says not to.
    if (client.modal(sure.toArray(String[]::new)).status() != 0) {
      client.modal(words).succeeded();
    }
  }

  /// Stops the app.
  @Override
  public void close() {
    confirmed(client, "app", "stop", name);
  }
}
