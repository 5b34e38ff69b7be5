/// Pure decisions: how many containers a function should have, and on which worker one goes. Each
/// reads an immutable snapshot and the time, changes nothing, and gives its reason in a sentence.
@NullMarked
package dev.slipway.scheduling;

import org.jspecify.annotations.NullMarked;
