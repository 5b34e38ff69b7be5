package dev.slipway.controlplane.blob;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ByteRangeTest {
  @Test
  void rangesAreCutToTheBlob() {
    assertThat(ByteRange.parse("bytes=0-9", 100)).isEqualTo(new ByteRange.Part(0, 10));
    assertThat(ByteRange.parse("bytes=90-", 100)).isEqualTo(new ByteRange.Part(90, 10));
    assertThat(ByteRange.parse("bytes=90-500", 100)).isEqualTo(new ByteRange.Part(90, 10));
    assertThat(ByteRange.parse("bytes=-30", 100)).isEqualTo(new ByteRange.Part(70, 30));
    assertThat(ByteRange.parse("bytes=-300", 100)).isEqualTo(new ByteRange.Part(0, 100));
  }

  @Test
  void rangesOutsideCannotBeSatisfied() {
    assertThat(ByteRange.parse("bytes=100-", 100)).isEqualTo(new ByteRange.Unsatisfiable());
    assertThat(ByteRange.parse("bytes=-0", 100)).isEqualTo(new ByteRange.Unsatisfiable());
    assertThat(ByteRange.parse("bytes=0-0", 0)).isEqualTo(new ByteRange.Unsatisfiable());
  }

  @Test
  void whatIsNotOneRangeIsIgnored() {
    assertThat(ByteRange.parse(null, 100)).isEqualTo(new ByteRange.Whole());
    assertThat(ByteRange.parse("bytes=-", 100)).isEqualTo(new ByteRange.Whole());
    assertThat(ByteRange.parse("bytes=9-3", 100)).isEqualTo(new ByteRange.Whole());
    assertThat(ByteRange.parse("bytes=0-1,5-6", 100)).isEqualTo(new ByteRange.Whole());
    assertThat(ByteRange.parse("lines=0-1", 100)).isEqualTo(new ByteRange.Whole());
  }
}
