package dev.runledger.app.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.runledger.app.startup.StartRefused;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.mock.env.MockEnvironment;

class DatabaseUrlTest {

    @Test
    void splitsWhatPlatformsHandOut() {
        assertThat(DatabaseUrl.parse("postgres://ann:s%40cr%25t+1@db.example:5433/runs?sslmode=require"))
                .isEqualTo(
                        new DatabaseUrl("jdbc:postgresql://db.example:5433/runs?sslmode=require", "ann", "s@cr%t+1"));
        assertThat(DatabaseUrl.parse("postgresql://ann@[::1]/runs"))
                .isEqualTo(new DatabaseUrl("jdbc:postgresql://[::1]/runs", "ann", null));
        assertThat(DatabaseUrl.parse("postgresql://one:1,two:2/runs?targetServerType=primary")
                        .jdbcUrl())
                .isEqualTo("jdbc:postgresql://one:1,two:2/runs?targetServerType=primary");
    }

    @Test
    void leavesAJdbcAddressAsItIs() {
        String url = "jdbc:postgresql://db/runs?user=ann";
        assertThat(DatabaseUrl.parse(url)).isEqualTo(new DatabaseUrl(url, null, null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"mysql://ann:secret@db/runs", "db:5432/runs", "postgres://ann:%zz-secret@db/runs", "postgres://"
            })
    void refusesAnythingElseWithoutRepeatingAPassword(String text) {
        assertThatThrownBy(() -> DatabaseUrl.parse(text))
                .isInstanceOf(StartRefused.class)
                .hasMessageContaining("DATABASE_URL")
                .hasMessageNotContaining("secret");
    }

    @Test
    void becomesSpringsSettingsUnlessTheseAreGiven() {
        var platform = new MockEnvironment()
                .withProperty("DATABASE_URL", "postgres://ann:secret@db/runs")
                .withProperty("DATABASE_PASSWORD", "better")
                .withProperty("DATABASE_OWNER_USERNAME", "olga")
                .withProperty("spring.datasource.url", "");
        new DatabaseUrlEnvironmentPostProcessor().postProcessEnvironment(platform, new SpringApplication());
        assertThat(platform.getProperty("spring.datasource.url")).isEqualTo("jdbc:postgresql://db/runs");
        assertThat(platform.getProperty("spring.datasource.username")).isEqualTo("ann");
        assertThat(platform.getProperty("spring.datasource.password")).isEqualTo("better");
        assertThat(platform.getProperty("runledger.owner.username")).isEqualTo("olga");

        var explicit = new MockEnvironment()
                .withProperty("DATABASE_URL", "postgres://ann:secret@db/runs")
                .withProperty("spring.datasource.url", "jdbc:postgresql://other/runs");
        new DatabaseUrlEnvironmentPostProcessor().postProcessEnvironment(explicit, new SpringApplication());
        assertThat(explicit.getProperty("spring.datasource.url")).isEqualTo("jdbc:postgresql://other/runs");
        assertThat(explicit.getProperty("spring.datasource.username")).isNull();
    }
}
