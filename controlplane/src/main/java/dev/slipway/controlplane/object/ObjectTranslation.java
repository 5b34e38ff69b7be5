package dev.slipway.controlplane.object;

import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.controlplane.workspace.Environment;
import dev.slipway.controlplane.workspace.Environments;
import dev.slipway.controlplane.workspace.Workspaces;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.protocol.modal.CreationInfo;
import dev.slipway.protocol.modal.ListPagination;
import dev.slipway.protocol.modal.ObjectCreationType;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/// What the requests about all kinds of shared objects have in common.
public final class ObjectTranslation {
  /// The year 9999: later than anything is made.
  private static final Instant NO_LIMIT = Instant.ofEpochSecond(253_370_764_800L);

  private static final double MICROS_PER_SECOND = TimeUnit.SECONDS.toMicros(1);

  private final Environments environments;
  private final Workspaces workspaces;

  public ObjectTranslation(Environments environments, Workspaces workspaces) {
    this.environments = environments;
    this.workspaces = workspaces;
  }

  /// Where an object belongs that this caller makes or asks for.
  ///
  /// @param environmentName empty for the caller's own, or the default one
  public Owner owner(RpcContext context, String environmentName) {
    Environment environment = environments.require(context, environmentName);
    return new Owner(
        context.workspace(),
        environment.id(),
        environment.name(),
        workspaces.require(context.workspace()).name());
  }

  /// What a client wants done.
  public static Creation creation(ObjectKind kind, ObjectCreationType type) {
    return switch (type) {
      case OBJECT_CREATION_TYPE_UNSPECIFIED -> Creation.LOOK_UP;
      case OBJECT_CREATION_TYPE_CREATE_IF_MISSING -> Creation.IF_MISSING;
      case OBJECT_CREATION_TYPE_CREATE_FAIL_IF_EXISTS -> Creation.NEW;
      case OBJECT_CREATION_TYPE_EPHEMERAL -> Creation.EPHEMERAL;
      case OBJECT_CREATION_TYPE_CREATE_OVERWRITE_IF_EXISTS,
          OBJECT_CREATION_TYPE_ANONYMOUS_OWNED_BY_APP,
          UNRECOGNIZED ->
          throw new SlipwayException(
              ErrorKind.INVALID,
              "a %s cannot be made as %s; it is looked up, made if missing, made new, or ephemeral"
                  .formatted(kind.noun(), type));
    };
  }

  /// When and by whom the object was made.
  public static CreationInfo creationInfo(SharedObject object) {
    return CreationInfo.newBuilder()
        .setCreatedAt(seconds(object.createdAt()))
        .setCreatedBy(object.createdBy())
        .build();
  }

  /// A time as the clients count it. They send it back to list what is older, so it keeps its
  /// microseconds.
  public static double seconds(Instant time) {
    return micros(time) / MICROS_PER_SECOND;
  }

  /// Only what is older is wanted.
  public static Instant before(ListPagination pagination) {
    double seconds = pagination.getCreatedBefore();
    if (seconds < 0 || Double.isNaN(seconds)) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "created_before is %s; a number of seconds since 1970 is expected".formatted(seconds));
    }
    if (seconds == 0 || seconds > NO_LIMIT.getEpochSecond()) {
      return NO_LIMIT;
    }
    long micros = Math.round(seconds * MICROS_PER_SECOND);
    return Instant.EPOCH
        .plusSeconds(Math.floorDiv(micros, TimeUnit.SECONDS.toMicros(1)))
        .plusNanos(
            TimeUnit.MICROSECONDS.toNanos(Math.floorMod(micros, TimeUnit.SECONDS.toMicros(1))));
  }

  /// How many are wanted at most; all that one listing may return when nothing is said.
  public static int atMost(ListPagination pagination) {
    int wanted = pagination.getMaxObjects();
    if (wanted < 0) {
      throw new SlipwayException(
          ErrorKind.INVALID, "max_objects is %d; 0 or more is expected".formatted(wanted));
    }
    return wanted == 0 ? SharedObjects.MAX_LISTED : wanted;
  }

  private static long micros(Instant time) {
    return TimeUnit.SECONDS.toMicros(time.getEpochSecond())
        + TimeUnit.NANOSECONDS.toMicros(time.getNano());
  }
}
