package dev.slipway.worker.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.SlipwayException;
import dev.slipway.worker.doctor.Finding.Verdict;
import dev.slipway.worker.machine.Installation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {
  private static final String ALL_CAPABILITIES = "000001ffffffffff";

  @TempDir Path directory;

  @Test
  void aStartIsRefusedWithASentenceForEachThingThatIsMissing() {
    Doctor doctor =
        new Doctor(
            List.of(
                () -> Finding.good("one", "there"),
                () -> Finding.missing("two", "not there", "fetch two"),
                () -> Finding.missing("three", "broken", "mend three")),
            List.of(() -> Finding.missing("four", "nobody asks at a start", "no matter")));

    assertThatThrownBy(doctor::requireEssential)
        .isInstanceOf(SlipwayException.class)
        .hasMessage(
            "this machine cannot run containers: two: not there (fetch two);"
                + " three: broken (mend three)");
  }

  @Test
  void whatIsOnlyLimitedDoesNotPreventAStart() {
    Doctor doctor =
        new Doctor(List.of(() -> Finding.limited("disk", "little", "free some")), List.of());

    assertThatCode(doctor::requireEssential).doesNotThrowAnyException();
  }

  @Test
  void anOrdinaryUserIsToldToBecomeRoot() throws IOException {
    status("1000", "0000000000000000");

    assertThat(kernel().root())
        .isEqualTo(
            Finding.missing(
                "root", "this process is user 1000", "start Slipway as root, such as with sudo"));
  }

  @Test
  void aRootWithoutCapabilitiesIsNoRoot() throws IOException {
    status("0", "00000000a80425fb");
    assertThat(kernel().root().found()).contains("without CAP_SYS_ADMIN");

    status("0", ALL_CAPABILITIES);
    assertThat(kernel().root().verdict()).isEqualTo(Verdict.GOOD);
  }

  @Test
  void userNamespacesNeedTheContainersUsers() throws IOException {
    write("self/ns/user", "");
    write("sys/user/max_user_namespaces", "1000\n");
    write("self/uid_map", "         0          0 4294967295\n");
    assertThat(kernel().userNamespaces().verdict()).isEqualTo(Verdict.GOOD);

    write("self/uid_map", "0 100000 65536\n");
    assertThat(kernel().userNamespaces().found()).contains("100000 to 165535");

    write("sys/user/max_user_namespaces", "0\n");
    assertThat(kernel().userNamespaces())
        .isEqualTo(
            Finding.missing(
                "user namespaces", "none are allowed", "sysctl -w user.max_user_namespaces=10000"));
  }

  @Test
  void overlayfsIsLookedUpAmongTheFileSystems() throws IOException {
    write("filesystems", "nodev\tproc\n\text4\n");
    assertThat(kernel().overlay().remedy()).isEqualTo("modprobe overlay");

    write("filesystems", "nodev\tproc\nnodev\toverlay\n");
    assertThat(kernel().overlay().verdict()).isEqualTo(Verdict.GOOD);
  }

  @Test
  void missingProgramsNameTheirPackages() throws Exception {
    ProgramChecks nothing = new ProgramChecks(name -> Optional.empty());

    assertThat(nothing.crun().remedy()).isEqualTo("on Debian: apt-get install crun");
    assertThat(nothing.init().remedy()).isEqualTo("on Debian: apt-get install tini");
    assertThat(nothing.nft().verdict()).isEqualTo(Verdict.MISSING);
    assertThat(nothing.mmdebstrap().verdict()).isEqualTo(Verdict.LIMITED);
    assertThat(nothing.mkfs().remedy()).isEqualTo("on Debian: apt-get install e2fsprogs");
  }

  @Test
  void anOldCrunIsRefusedByItsVersion() throws Exception {
    Path crun = directory.resolve("crun");
    Files.writeString(crun, "#!/bin/sh\necho crun version 0.17\n");
    assertThat(crun.toFile().setExecutable(true)).isTrue();

    Finding finding = new ProgramChecks(name -> Optional.of(crun)).crun();

    assertThat(finding.verdict()).isEqualTo(Verdict.MISSING);
    assertThat(finding.found()).contains("crun version 0.17");
    assertThat(finding.remedy()).contains("1.8 or newer");
  }

  @Test
  void aLineSaysWhatToDoBelowWhatIsWrong() {
    assertThat(Finding.limited("FUSE", "not there", "modprobe fuse").line())
        .startsWith("limited  FUSE")
        .endsWith("-> modprobe fuse");
    assertThat(Finding.good("ip", "/sbin/ip").line()).doesNotContain("->");
  }

  @Test
  @Tag("integration")
  void thisMachineHasWhatTheTestsNeed() {
    Doctor doctor = Doctor.of(Installation.of(directory.resolve("data")), Map.of());

    assertThatCode(doctor::requireEssential).doesNotThrowAnyException();
  }

  private KernelChecks kernel() {
    return new KernelChecks(directory, directory.resolve("dev"));
  }

  private void status(String user, String capabilities) throws IOException {
    write(
        "self/status",
        "Name:\tjava\nUid:\t%1$s\t%1$s\t%1$s\t%1$s\nCapEff:\t%2$s\n".formatted(user, capabilities));
  }

  private void write(String name, String text) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
