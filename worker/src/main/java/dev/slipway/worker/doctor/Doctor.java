package dev.slipway.worker.doctor;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.doctor.Finding.Verdict;
import dev.slipway.worker.machine.Installation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Examines the machine for a worker. Each check looks at one thing and says in words what it found
/// and what to do; none of them changes anything.
public final class Doctor {
  private final List<Check> essential;
  private final List<Check> further;

  /// One thing to look at.
  @FunctionalInterface
  interface Check {
    Finding look() throws InterruptedException;
  }

  Doctor(List<Check> essential, List<Check> further) {
    this.essential = List.copyOf(essential);
    this.further = List.copyOf(further);
  }

  /// @param environment of this process: it may name package indexes
  public static Doctor of(Installation installation, Map<String, String> environment) {
    KernelChecks kernel = new KernelChecks();
    ProgramChecks programs = new ProgramChecks();
    SurroundingsChecks surroundings = new SurroundingsChecks(installation, environment);
    return new Doctor(
        List.of(
            kernel::root,
            kernel::controlGroups,
            kernel::userNamespaces,
            kernel::overlay,
            kernel::systemCallFilter,
            programs::crun,
            programs::init,
            programs::ip,
            programs::nft,
            surroundings::subnet,
            surroundings::disk),
        List.of(
            surroundings::forwarding,
            surroundings::nameServers,
            programs::mmdebstrap,
            programs::mkfs,
            kernel::loopDevices,
            surroundings::interpreters,
            surroundings::packageIndex,
            surroundings::imageRegistry,
            kernel::fuse,
            kernel::checkpoints,
            kernel::graphics));
  }

  /// Looks at everything, for `./slipway doctor`.
  public List<Finding> examine() throws InterruptedException {
    List<Finding> findings = new ArrayList<>();
    for (Check check : essential) {
      findings.add(check.look());
    }
    for (Check check : further) {
      findings.add(check.look());
    }
    return findings;
  }

  /// Looks at what no container can do without; quick, and without network.
  ///
  /// @throws SlipwayException of kind `UNSUPPORTED` with a sentence about each thing that is
  ///   missing
  public void requireEssential() throws InterruptedException {
    List<String> sentences = new ArrayList<>();
    for (Check check : essential) {
      Finding finding = check.look();
      if (finding.verdict() == Verdict.MISSING) {
        sentences.add(
            "%s: %s (%s)".formatted(finding.subject(), finding.found(), finding.remedy()));
      }
    }
    if (!sentences.isEmpty()) {
      throw new SlipwayException(
          ErrorKind.UNSUPPORTED,
          "this machine cannot run containers: " + String.join("; ", sentences));
    }
  }
}
