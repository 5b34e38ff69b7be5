package dev.slipway.e2e.story;

import dev.slipway.testkit.ClientRelease;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// Told once with the newest client and once with the oldest that is supported.
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedClass(name = "{0}")
@EnumSource(
    value = ClientRelease.class,
    names = {"NEWEST", "OLDEST"})
@interface EveryClient {}
