package dev.slipway.worker.relay;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.TaskId;
import dev.slipway.worker.machine.Directories;
import dev.slipway.worker.machine.Ownership;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.bootstrap.ServerBootstrap;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.ChannelInitializer;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.netty.shaded.io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Opens a socket for each task. All share two event loops, so that one more costs next to nothing.
///
/// Who calls is known by the socket that the call came in on: whatever a container says about that
/// in its metadata is dropped.
public final class TaskSockets implements AutoCloseable {
  /// Largest message from a container. Twice what the platform takes, which refuses with a sentence
  /// of its own; what is larger still ends the call without one.
  private static final int MAX_MESSAGE_BYTES = 200 << 20;

  /// Space for the path of a unix socket that the kernel has, in bytes.
  private static final int MAX_SOCKET_PATH = 107;

  private static final int DIRECTORY_NAME_LENGTH = 12;

  private static final Metadata.Key<String> TASK_ID =
      Metadata.Key.of("slipway-task-id", Metadata.ASCII_STRING_MARSHALLER);
  private static final List<String> PROVING_PREFIXES =
      List.of("slipway-", "x-modal-token-", "x-modal-auth-token", "authorization");

  private final Path root;
  private final Channel platform;
  private final Duration inputsKept;
  private final EventLoopGroup acceptors =
      new EpollEventLoopGroup(1, new DefaultThreadFactory("task-accept", true));
  private final EventLoopGroup workers =
      new EpollEventLoopGroup(2, new DefaultThreadFactory("task-relay", true));

  /// @param root short, since the kernel allows little room for a socket's path; emptied now
  /// @param platform carries the worker's credentials
  public TaskSockets(Path root, Channel platform) {
    this(root, platform, LaneInputs.KEPT);
  }

  /// @param inputsKept as [LaneInputs#KEPT]
  TaskSockets(Path root, Channel platform, Duration inputsKept) {
    this.root = root;
    this.platform = platform;
    this.inputsKept = inputsKept;
    // What a killed worker left: nobody listens on it.
    Directories.delete(root);
    Directories.makePrivate(root);
  }

  /// Opens the socket of a task.
  public TaskSocket open(TaskId task) {
    // The end of an id is its random part; a whole one would take much of a socket's path.
    String id = task.value();
    Path directory = root.resolve(id.substring(Math.max(0, id.length() - DIRECTORY_NAME_LENGTH)));
    Path socket = directory.resolve(TaskSocket.SOCKET);
    if (socket.toString().length() > MAX_SOCKET_PATH) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE,
          "the path of a socket, '%s', is longer than the %d characters that the kernel allows"
              .formatted(socket, MAX_SOCKET_PATH));
    }
    Server server = null;
    TaskLanes lanes = new TaskLanes();
    AtomicBoolean used = new AtomicBoolean();
    io.grpc.netty.shaded.io.netty.channel.Channel lane = null;
    try {
      Directories.makePrivate(directory);
      Ownership.giveToRoot(directory);
      server =
          NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
              .channelType(EpollServerDomainSocketChannel.class)
              .bossEventLoopGroup(acceptors)
              .workerEventLoopGroup(workers)
              // Passing on never blocks.
              .directExecutor()
              .maxInboundMessageSize(MAX_MESSAGE_BYTES)
              .permitKeepAliveTime(5, TimeUnit.SECONDS)
              .permitKeepAliveWithoutCalls(true)
              .fallbackHandlerRegistry(new Relay(task, used))
              .build()
              .start();
      lane = openLane(new Platform(task, platform), lanes, directory.resolve(TaskSocket.LANE));
      // A container may run as any user of its own; only its own container has the directory.
      openToAll(socket);
      openToAll(directory.resolve(TaskSocket.LANE));
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    } catch (IOException e) {
      if (server != null) {
        server.shutdownNow();
      }
      if (lane != null) {
        lane.close();
      }
      Directories.delete(directory);
      throw new UncheckedIOException("the socket of task " + task + " cannot be opened", e);
    }
    Server open = server;
    io.grpc.netty.shaded.io.netty.channel.Channel openLane = lane;
    return new TaskSocket(
        directory,
        lanes,
        used,
        () -> {
          open.shutdownNow();
          openLane.close();
          Directories.delete(directory);
        });
  }

  private io.grpc.netty.shaded.io.netty.channel.Channel openLane(
      Platform own, TaskLanes lanes, Path socket) throws IOException {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(acceptors, workers)
            .channel(EpollServerDomainSocketChannel.class)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(
                      io.grpc.netty.shaded.io.netty.channel.Channel connection) {
                    connection
                        .pipeline()
                        .addLast(
                            new LengthFieldBasedFrameDecoder(
                                MAX_MESSAGE_BYTES, 0, Lane.LENGTH_BYTES, 0, Lane.LENGTH_BYTES),
                            new Lane(own, lanes, inputsKept));
                  }
                })
            .bind(new DomainSocketAddress(socket.toFile()))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException("the lane cannot be opened: " + bound.cause(), bound.cause());
    }
    return bound.channel();
  }

  private static void openToAll(Path socket) throws IOException {
    Ownership.giveToRoot(socket);
    Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  /// What proves to the platform that a call is this task's.
  static Metadata provenBy(TaskId task) {
    Metadata headers = new Metadata();
    headers.put(TASK_ID, task.value());
    return headers;
  }

  private final class Relay extends HandlerRegistry {
    private final TaskId task;
    private final AtomicBoolean used;

    Relay(TaskId task, AtomicBoolean used) {
      this.task = task;
      this.used = used;
    }

    @Override
    public ServerMethodDefinition<?, ?> lookupMethod(String name, @Nullable String authority) {
      used.set(true);
      return ServerMethodDefinition.create(
          RawBytes.method(name),
          (container, headers) ->
              RelayedCall.begin(
                  container, platform.newCall(RawBytes.method(name), options()), proven(headers)));
    }

    private static CallOptions options() {
      Deadline deadline = Context.current().getDeadline();
      return deadline == null ? CallOptions.DEFAULT : CallOptions.DEFAULT.withDeadline(deadline);
    }

    /// The container's metadata without anything that says who it is, and with what does.
    private Metadata proven(Metadata said) {
      Metadata headers = new Metadata();
      headers.merge(said);
      for (String name : said.keys()) {
        if (PROVING_PREFIXES.stream().anyMatch(name::startsWith)) {
          headers.discardAll(key(name));
        }
      }
      headers.put(TASK_ID, task.value());
      return headers;
    }

    private static Metadata.Key<?> key(String name) {
      return name.endsWith(Metadata.BINARY_HEADER_SUFFIX)
          ? Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER)
          : Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    }
  }

  @Override
  public void close() {
    acceptors.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    workers.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    Directories.delete(root);
  }
}
