package dev.runledger.app.database;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.util.StringUtils;

/**
 * Takes {@code DATABASE_URL}, {@code DATABASE_USERNAME}, {@code DATABASE_PASSWORD}, {@code DATABASE_OWNER_USERNAME} and
 * {@code DATABASE_OWNER_PASSWORD} as names for Spring's settings. Spring's own settings win: with
 * {@code spring.datasource.url} given, none of these counts for the application's login.
 */
final class DatabaseUrlEnvironmentPostProcessor implements EnvironmentPostProcessor {

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        Map<String, Object> settings = new HashMap<>();
        String url = environment.getProperty("DATABASE_URL");
        if (StringUtils.hasText(url) && !StringUtils.hasText(environment.getProperty("spring.datasource.url"))) {
            DatabaseUrl parsed = DatabaseUrl.parse(url);
            settings.put("spring.datasource.url", parsed.jdbcUrl());
            put(
                    settings,
                    "spring.datasource.username",
                    environment.getProperty("DATABASE_USERNAME"),
                    parsed.username());
            put(
                    settings,
                    "spring.datasource.password",
                    environment.getProperty("DATABASE_PASSWORD"),
                    parsed.password());
        }
        copy(environment, "DATABASE_OWNER_USERNAME", "runledger.owner.username", settings);
        copy(environment, "DATABASE_OWNER_PASSWORD", "runledger.owner.password", settings);
        if (!settings.isEmpty()) {
            // First, because a blank spring.datasource.url may stand elsewhere; nothing given there is overridden.
            environment.getPropertySources().addFirst(new MapPropertySource("databaseUrl", settings));
        }
    }

    private static void copy(
            ConfigurableEnvironment environment, String variable, String setting, Map<String, Object> settings) {
        if (!StringUtils.hasText(environment.getProperty(setting))) {
            put(settings, setting, environment.getProperty(variable), null);
        }
    }

    private static void put(
            Map<String, Object> settings, String setting, @Nullable String first, @Nullable String second) {
        if (StringUtils.hasText(first)) {
            settings.put(setting, first);
        } else if (second != null) {
            settings.put(setting, second);
        }
    }
}
