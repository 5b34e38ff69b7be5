package dev.slipway.worker.machine;

/// Names of the kernel's error numbers that these calls meet.
final class ErrorNumber {
  private ErrorNumber() {}

  static String sentence(int errno) {
    String name =
        switch (errno) {
          case 1 -> "operation not permitted";
          case 2 -> "no such file or directory";
          case 3 -> "no such process";
          case 12 -> "out of memory";
          case 13 -> "permission denied";
          case 16 -> "device or resource busy";
          case 17 -> "file exists";
          case 19 -> "no such device";
          case 20 -> "not a directory";
          case 22 -> "invalid argument";
          case 24 -> "too many open files";
          case 28 -> "no space left";
          case 38 -> "not supported by this kernel";
          case 40 -> "too many levels of symbolic links";
          default -> "error";
        };
    return name + " (" + errno + ")";
  }
}
