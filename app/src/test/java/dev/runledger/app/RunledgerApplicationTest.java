package dev.runledger.app;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RunledgerApplicationTest {

    @Test
    void startsNoServerForARunThatItDoesNotKnow() {
        assertThat(RunledgerApplication.refusal("verfy"))
                .startsWith("Unknown argument: verfy")
                .contains("verify -h");
        assertThat(RunledgerApplication.refusal("--server.port=0", "verify")).startsWith("Unknown argument: verify");
    }

    @Test
    void startsOneForSettings() {
        assertThat(RunledgerApplication.refusal()).isNull();
        assertThat(RunledgerApplication.refusal("--server.port=0", "--runledger.demo=true"))
                .isNull();
    }
}
