package dev.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.runledger.events.EventJson;
import dev.runledger.events.execution.ExecutionEvent;
import dev.runledger.events.execution.ExecutionEventTypes;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.eventstore.EventLog;
import dev.runledger.eventstore.PostgresEventStorageEngine;
import dev.runledger.eventstore.PostgresEventStore;
import dev.runledger.eventstore.StableTypeSerializer;
import dev.runledger.eventstore.testing.TestDatabase;
import dev.runledger.query.projection.ReadModelConnections;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.messaging.MetaData;
import org.flywaydb.core.Flyway;
import org.springframework.beans.factory.config.SingletonBeanRegistry;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.MapPropertySource;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.mock.web.MockServletContext;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.request.MockHttpServletRequestBuilder;
import org.springframework.test.web.servlet.request.MockMvcRequestBuilders;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.support.AnnotationConfigWebApplicationContext;
import org.springframework.web.servlet.config.annotation.EnableWebMvc;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;
import tools.jackson.databind.JsonNode;

/** The read side as the app runs it, over a log of its own in a database of its own. */
public final class ReadSide implements AutoCloseable {

    private final TestDatabase database;
    private final AnnotationConfigWebApplicationContext context;
    private final List<HikariDataSource> pools;
    private final MockMvc http;
    private final Map<ExecutionId, Long> versions = new HashMap<>();

    private ReadSide(
            TestDatabase database, AnnotationConfigWebApplicationContext context, List<HikariDataSource> pools) {
        this.database = database;
        this.context = context;
        this.pools = pools;
        this.http = MockMvcBuilders.webAppContextSetup(context).build();
    }

    /** An empty one. */
    public static ReadSide fresh() {
        return over(TestDatabase.fresh());
    }

    /** One over a database that another one used. */
    public static ReadSide over(TestDatabase database) {
        return over(database, database.application());
    }

    /** An empty one, with settings. */
    public static ReadSide with(Map<String, Object> settings) {
        var database = TestDatabase.fresh();
        return over(database, database.application(), settings);
    }

    /** One that reaches its database by way of {@code dataSource}. */
    public static ReadSide over(TestDatabase database, DataSource dataSource) {
        return over(database, dataSource, Map.of());
    }

    private static ReadSide over(TestDatabase database, DataSource dataSource, Map<String, Object> settings) {
        var context = new AnnotationConfigWebApplicationContext();
        context.getEnvironment()
                .getPropertySources()
                .addFirst(new MapPropertySource(
                        "settings",
                        Map.of(
                                // A machine that is busy is no reason to fail.
                                "runledger.query.past.longest-fold-seconds",
                                "600",
                                "spring.jpa.hibernate.ddl-auto",
                                "none",
                                "spring.jpa.open-in-view",
                                "false",
                                "spring.jpa.properties.jakarta.persistence.validation.mode",
                                "none")));
        context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("of the test", settings));
        context.setServletContext(new MockServletContext());
        var live = live(database);
        var reads = reads(database);
        // Early enough for the conditions of JPA's configuration to see it.
        context.addBeanFactoryPostProcessor((BeanDefinitionRegistryPostProcessor) beans -> {
            ((SingletonBeanRegistry) beans).registerSingleton("dataSource", dataSource);
            ((SingletonBeanRegistry) beans)
                    .registerSingleton("readModelConnections", new ReadModelConnections(connections(database), live));
            ((SingletonBeanRegistry) beans)
                    .registerSingleton(
                            "readConnections",
                            new ReadConnections(dataSource instanceof Explaining some ? some.over(reads) : reads));
        });
        migrate(database);
        context.register(Wiring.class);
        context.refresh();
        return new ReadSide(database, context, List.of(live, reads));
    }

    /** Makes the tables that the app keeps beside the log. */
    private static void migrate(TestDatabase database) {
        Flyway.configure()
                .dataSource(database.owner())
                .schemas("operations")
                .createSchemas(true)
                .locations("classpath:db/operations")
                .placeholders(Map.of("applicationRole", database.applicationUser()))
                .load()
                .migrate();
    }

    private static DataSource connections(TestDatabase database) {
        return new DriverManagerDataSource(database.url(), database.applicationUser(), database.applicationPassword());
    }

    private static HikariDataSource live(TestDatabase database) {
        var config = new HikariConfig();
        config.setJdbcUrl(database.url());
        config.setUsername(database.applicationUser());
        config.setPassword(database.applicationPassword());
        config.setMinimumIdle(0);
        config.setMaximumPoolSize(2);
        config.setSchema("read_model");
        return new HikariDataSource(config);
    }

    private static HikariDataSource reads(TestDatabase database) {
        var config = new HikariConfig();
        config.setJdbcUrl(database.url());
        config.setUsername(database.applicationUser());
        config.setPassword(database.applicationPassword());
        config.setMinimumIdle(0);
        config.setMaximumPoolSize(8);
        config.setConnectionInitSql(ReadConnections.SETTINGS);
        return new HikariDataSource(config);
    }

    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    public TestDatabase database() {
        return database;
    }

    public JdbcClient jdbc() {
        return bean(JdbcClient.class);
    }

    /** The next event of an execution. */
    public record Said(ExecutionId id, Instant occurredAt, ExecutionEvent event) {}

    /** Appends {@code events} to the stream of {@code id}, all having occurred at {@code occurredAt}. */
    public void append(ExecutionId id, Instant occurredAt, ExecutionEvent... events) {
        append(Arrays.stream(events)
                .map(event -> new Said(id, occurredAt, event))
                .toList());
    }

    /** Appends {@code events}, in one append. */
    public void append(List<Said> events) {
        var messages = new ArrayList<DomainEventMessage<?>>();
        for (var said : events) {
            var version = versions.merge(said.id(), 1L, Long::sum);
            messages.add(new GenericDomainEventMessage<>(
                    "Execution",
                    said.id().toString(),
                    version - 1,
                    said.event(),
                    MetaData.with("actor", "tests"),
                    UUID.randomUUID().toString(),
                    said.occurredAt()));
        }
        bean(PostgresEventStore.class).publish(messages);
    }

    /** Waits until there are tables, and their rows hold the whole log. */
    public void settle() throws InterruptedException {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> bean(ReadModelPosition.class).awaited() == null);
        var head = bean(EventLog.class).head().position();
        assertThat(bean(ReadModelPosition.class).awaitAtLeast(head, Duration.ofSeconds(30)))
                .as("the rows reach position " + head)
                .isTrue();
    }

    /** An answer as the caller gets it. */
    public record Answer(int status, Map<String, String> headers, String text) {

        public JsonNode json() {
            return EventJson.mapper().readTree(text);
        }

        public List<JsonNode> items() {
            assertThat(status).as(text).isEqualTo(200);
            return json().get("items").valueStream().toList();
        }
    }

    public Answer get(String uri, String... headers) {
        return getIn("default", uri, headers);
    }

    /** Asks for {@code uri}, which is encoded; {@code headers} are names and values in turn. */
    public Answer getIn(String namespace, String uri, String... headers) {
        try {
            var request = MockMvcRequestBuilders.get(java.net.URI.create(uri))
                    .requestAttr(QueryHeaders.NAMESPACE, namespace)
                    .requestAttr("runledger.requestId", "r1");
            for (var i = 0; i < headers.length; i += 2) {
                request.header(headers[i], headers[i + 1]);
            }
            var response = http.perform(request).andReturn().getResponse();
            var names = new HashMap<String, String>();
            response.getHeaderNames().forEach(name -> names.put(name, String.valueOf(response.getHeader(name))));
            return new Answer(response.getStatus(), names, response.getContentAsString());
        } catch (Exception e) {
            throw new IllegalStateException(Arrays.toString(headers) + uri, e);
        }
    }

    /** Posts JSON, which may be written with single quotes; none where it is empty. */
    public Answer post(String uri, String json) {
        return send(MockMvcRequestBuilders.post(java.net.URI.create(uri)), json);
    }

    public Answer delete(String uri) {
        return send(MockMvcRequestBuilders.delete(java.net.URI.create(uri)), "");
    }

    private Answer send(MockHttpServletRequestBuilder request, String json) {
        try {
            request.requestAttr(QueryHeaders.NAMESPACE, "default").requestAttr("runledger.requestId", "r1");
            if (!json.isEmpty()) {
                request.contentType(MediaType.APPLICATION_JSON).content(json.replace('\'', '"'));
            }
            var response = http.perform(request).andReturn().getResponse();
            return new Answer(response.getStatus(), Map.of(), response.getContentAsString());
        } catch (Exception e) {
            throw new IllegalStateException(json, e);
        }
    }

    /** Stops, and leaves the database to the caller. */
    public void stop() {
        context.close();
        pools.forEach(HikariDataSource::close);
    }

    @Override
    public void close() {
        stop();
        database.close();
    }

    @Configuration(proxyBeanMethods = false)
    @EnableWebMvc
    @Import(QueryConfiguration.class)
    @ImportAutoConfiguration({
        TransactionAutoConfiguration.class,
        HibernateJpaAutoConfiguration.class,
        DataJpaRepositoriesAutoConfiguration.class
    })
    static class Wiring {

        @RestControllerAdvice
        static class Problems extends ResponseEntityExceptionHandler {}

        @Bean
        Problems problems() {
            return new Problems();
        }

        @Bean
        JdbcTemplate jdbcTemplate(DataSource dataSource) {
            return new JdbcTemplate(dataSource);
        }

        @Bean
        JdbcClient jdbcClient(JdbcTemplate jdbcTemplate) {
            return JdbcClient.create(jdbcTemplate);
        }

        @Bean
        MeterRegistry meters() {
            return new SimpleMeterRegistry();
        }

        @Bean
        EventLog eventLog(DataSource dataSource) {
            return new EventLog(dataSource);
        }

        @Bean(destroyMethod = "shutDown")
        PostgresEventStore eventStore(DataSource dataSource) {
            var serializer = new StableTypeSerializer(EventJson.mapper(), Map.copyOf(ExecutionEventTypes.names()));
            var engine = PostgresEventStorageEngine.builder()
                    .dataSource(dataSource)
                    .eventSerializer(serializer)
                    .snapshotSerializer(serializer)
                    .readingUnknownTypes()
                    .build();
            return PostgresEventStore.builder().storageEngine(engine).build();
        }
    }
}
