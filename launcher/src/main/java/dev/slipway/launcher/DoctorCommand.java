package dev.slipway.launcher;

import dev.slipway.worker.doctor.Doctor;
import dev.slipway.worker.doctor.Finding;
import dev.slipway.worker.machine.Installation;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "doctor",
    description = "Say what this machine can do, what is missing, and how to get it.",
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
  @Mixin private DataOption data = new DataOption();

  @Override
  public Integer call() throws InterruptedException {
    Installation installation = Installation.of(data.directory());
    List<Finding> findings = Doctor.of(installation, System.getenv()).examine();
    System.out.println(
        "ok       %-16s %s, %d processors"
            .formatted("Java", Runtime.version(), Runtime.getRuntime().availableProcessors()));
    findings.forEach(finding -> System.out.println(finding.line()));
    System.out.flush();
    boolean able =
        findings.stream().noneMatch(finding -> finding.verdict() == Finding.Verdict.MISSING);
    return able ? 0 : ExitStatus.FAILED.code();
  }
}
