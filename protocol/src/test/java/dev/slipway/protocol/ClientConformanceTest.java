package dev.slipway.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.FileDescriptor;
import dev.slipway.protocol.modal.AppCreateRequest;
import dev.slipway.protocol.modal.ModalClientGrpc;
import dev.slipway.testkit.ChildProcess;
import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.Project;
import io.grpc.protobuf.ProtoFileDescriptorSupplier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Our messages and methods are those of the installed official clients, the oldest and the newest.
@Tag("integration")
class ClientConformanceTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /// Where the two clients differ from each other in a way that changes no byte: the fields went
  /// into a choice later, and what was an empty reply got fields that old clients skip. Each entry
  /// begins a difference; one that no longer occurs has to go.
  private static final List<String> HARMLESS =
      List.of(
          ".modal.client.FunctionCallGetDataRequest: ours is Member[name=function_call_id,",
          ".modal.client.FunctionCallPutDataRequest: ours is Member[name=function_call_id,",
          ".modal.client.ModalClient: ours is Member[name=AppRollback,");

  @TempDir Path directory;

  @Test
  void everythingOfOursMeansTheSameInTheClients() throws Exception {
    Map<String, WireSchema> clients = new LinkedHashMap<>();
    for (ClientRelease client : List.of(ClientRelease.OLDEST, ClientRelease.NEWEST)) {
      clients.put(client.version(), WireSchema.of(List.of(descriptor(client))));
    }
    WireSchema ours = WireSchema.of(ourFiles().stream().map(FileDescriptor::toProto).toList());
    assertThat(ours.types()).hasSizeGreaterThan(150);
    List<String> differences = WireComparison.differences(ours, clients);
    assertThat(differences).allSatisfy(found -> assertThat(HARMLESS).anyMatch(found::startsWith));
    assertThat(HARMLESS)
        .allSatisfy(known -> assertThat(differences).anyMatch(found -> found.startsWith(known)));
  }

  @Test
  void everyFileOfOursIsCompared() throws Exception {
    Path sources = Project.root().resolve("protocol/src/main/protobuf");
    try (Stream<Path> files = Files.list(sources.resolve("modal"))) {
      assertThat(ourFiles().stream().map(FileDescriptor::getFullName))
          .containsExactlyInAnyOrderElementsOf(
              files.map(file -> sources.relativize(file).toString()).toList());
    }
  }

  private FileDescriptorProto descriptor(ClientRelease client) throws Exception {
    Path dump = directory.resolve(client.name());
    String program =
        "import sys; from modal_proto import api_pb2;"
            + " open(sys.argv[1], 'wb').write(api_pb2.DESCRIPTOR.serialized_pb)";
    try (ChildProcess python =
        ChildProcess.start(
            List.of(
                client.virtualEnvironment().resolve("bin/python").toString(),
                "-c",
                program,
                dump.toString()),
            directory,
            Map.of("PATH", "/usr/bin:/bin"))) {
      int status = python.awaitExit(LIMIT);
      assertThat(status).as("%s", python.transcript()).isZero();
    }
    return FileDescriptorProto.parseFrom(Files.readAllBytes(dump));
  }

  /// The service's file and all that it needs, in the client's package.
  private static List<FileDescriptor> ourFiles() {
    Map<String, FileDescriptor> found = new TreeMap<>();
    ProtoFileDescriptorSupplier service =
        (ProtoFileDescriptorSupplier)
            Objects.requireNonNull(ModalClientGrpc.getServiceDescriptor().getSchemaDescriptor());
    collect(service.getFileDescriptor(), found);
    return new ArrayList<>(found.values());
  }

  private static void collect(FileDescriptor file, Map<String, FileDescriptor> found) {
    if (file.getPackage().equals(AppCreateRequest.getDescriptor().getFile().getPackage())
        && found.putIfAbsent(file.getFullName(), file) == null) {
      file.getDependencies().forEach(dependency -> collect(dependency, found));
    }
  }
}
