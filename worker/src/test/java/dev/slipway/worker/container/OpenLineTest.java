package dev.slipway.worker.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.worker.container.OpenLine.Piece;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class OpenLineTest {
  private static final Duration PATIENCE = Duration.ofNanos(100);

  private final OpenLine open = new OpenLine(PATIENCE);

  @Test
  void wholeLinesNeedNotWait() {
    assertThat(open.add("one\ntwo\n", 7, 0)).contains(new Piece(7, "one\ntwo\n"));
    assertThat(open.patienceLeft(0)).isEmpty();
    assertThat(open.takeAll()).isEmpty();
  }

  @Test
  void aPieceWaitsForTheEndOfItsLine() {
    assertThat(open.add("wor", 7, 0)).isEmpty();
    assertThat(open.add("king", 8, 10)).isEmpty();
    assertThat(open.add("\n", 9, 20)).contains(new Piece(7, "working\n"));
    assertThat(open.patienceLeft(20)).isEmpty();
  }

  @Test
  void whatFollowsTheEndWaitsAnew() {
    assertThat(open.add("one\ntw", 7, 0)).contains(new Piece(7, "one\n"));
    assertThat(open.add("o\nthr", 8, 60)).contains(new Piece(7, "two\n"));
    assertThat(open.patienceLeft(60)).hasValue(100);
    assertThat(open.takeAll()).contains(new Piece(8, "thr"));
  }

  @Test
  void piecesWaitNoLongerThanTheFirstOfThemMay() {
    assertThat(open.add(".", 7, 0)).isEmpty();
    assertThat(open.add(".", 8, 90)).isEmpty();
    assertThat(open.patienceLeft(90)).hasValue(10);
    assertThat(open.patienceLeft(100)).hasValue(0);
    assertThat(open.takeAll()).contains(new Piece(7, ".."));
    assertThat(open.add(".", 9, 110)).isEmpty();
    assertThat(open.patienceLeft(110)).hasValue(100);
  }

  @Test
  void aProgressBarEndsItsLinesByGoingBack() {
    assertThat(open.add("10%\r", 7, 0)).contains(new Piece(7, "10%\r"));
    assertThat(open.add("\r20%", 8, 0)).contains(new Piece(8, "\r"));
  }

  @Test
  void noMoreWaitsThanTheLimit() {
    String most = "x".repeat(OpenLine.MAX_CHARACTERS);
    assertThat(open.add(most, 7, 0)).isEmpty();
    assertThat(open.add("y", 8, 1)).contains(new Piece(7, most + "y"));
    assertThat(open.patienceLeft(1)).isEmpty();
    assertThat(open.add("\n" + most + "y", 9, 2)).contains(new Piece(9, "\n" + most + "y"));
    assertThat(open.patienceLeft(2)).isEmpty();
  }
}
