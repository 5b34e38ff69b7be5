package dev.slipway.e2e.project;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/// How long the methods of some sources are, as the compiler's own parser sees them.
final class MethodLengths {
  /// One method.
  ///
  /// @param file the source file's name
  /// @param name the method's name
  /// @param lines from its first word, annotations included, to its closing brace
  record MethodLength(String file, String name, long lines) {}

  private MethodLengths() {}

  static List<MethodLength> of(List<Path> sources) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    List<MethodLength> lengths = new ArrayList<>();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null, files, null, null, null, files.getJavaFileObjectsFromPaths(sources));
      SourcePositions positions = Trees.instance(task).getSourcePositions();
      for (CompilationUnitTree unit : task.parse()) {
        new TreeScanner<Void, Void>() {
          @Override
          public Void visitMethod(MethodTree method, Void nothing) {
            long start = positions.getStartPosition(unit, method);
            long end = positions.getEndPosition(unit, method);
            if (start >= 0 && end >= 0) {
              long lines =
                  unit.getLineMap().getLineNumber(end) - unit.getLineMap().getLineNumber(start) + 1;
              lengths.add(
                  new MethodLength(
                      Path.of(unit.getSourceFile().toUri()).getFileName().toString(),
                      method.getName().toString(),
                      lines));
            }
            return super.visitMethod(method, nothing);
          }
        }.scan(unit, null);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return lengths;
  }
}
