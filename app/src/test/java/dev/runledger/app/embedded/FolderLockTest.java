package dev.runledger.app.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.runledger.app.startup.FolderInUse;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderLockTest {

    private static final int TAKEN = 0;
    private static final int REFUSED = 1;

    @TempDir
    private Path folder;

    /** Another process, which ends with whether it got the folder. */
    static final class Other {

        private Other() {}

        public static void main(String[] arguments) throws IOException {
            try (var ignored = FolderLock.take(Path.of(arguments[0]))) {
                System.exit(TAKEN);
            } catch (FolderInUse e) {
                System.exit(REFUSED);
            }
        }
    }

    private int another() throws Exception {
        return new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Other.class.getName(),
                        folder.toString())
                .inheritIO()
                .start()
                .waitFor();
    }

    @Test
    void keepsTheFolderWhenAnotherOfThisProcessWasRefused() throws Exception {
        try (var ignored = FolderLock.take(folder)) {
            assertThatThrownBy(() -> FolderLock.take(folder)).isInstanceOf(FolderInUse.class);
            assertThat(another()).isEqualTo(REFUSED);
        }
        assertThat(another()).isEqualTo(TAKEN);
    }

    @Test
    void letsGoOnce() throws Exception {
        var first = FolderLock.take(folder);
        first.close();
        try (var ignored = FolderLock.take(folder)) {
            first.close();
            assertThatThrownBy(() -> FolderLock.take(folder)).isInstanceOf(FolderInUse.class);
        }
    }
}
