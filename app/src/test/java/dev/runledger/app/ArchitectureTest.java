package dev.runledger.app;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Who may use whom: the modules' boundaries, as the architecture draws them. */
class ArchitectureTest {

    private static final String EVENTS = "dev.runledger.events..";
    private static final String EVENT_STORE = "dev.runledger.eventstore..";
    private static final String COMMAND = "dev.runledger.command..";
    private static final String QUERY = "dev.runledger.query..";
    private static final String APP = "dev.runledger.app..";

    private static final JavaClasses PRODUCT = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.runledger");

    @Test
    void everyModuleIsLookedAt() {
        for (var module : new String[] {"events", "eventstore", "command", "query", "app"}) {
            assertThat(PRODUCT.stream().filter(type -> type.getPackageName().startsWith("dev.runledger." + module)))
                    .as(module)
                    .isNotEmpty();
        }
    }

    @Test
    void eventsKnowNoFrameworkAndNoSibling() {
        check(noClasses()
                .that()
                .resideInAPackage(EVENTS)
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        EVENT_STORE,
                        COMMAND,
                        QUERY,
                        APP,
                        "org.springframework..",
                        "jakarta..",
                        "java.sql..",
                        "javax.sql.."))
                .because("the domain is plain Java"));
        check(classes()
                .that()
                .resideInAPackage(EVENTS)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        EVENTS,
                        "java..",
                        "org.jspecify..",
                        "org.pcollections..",
                        "com.fasterxml.jackson.annotation..",
                        "tools.jackson..",
                        "org.axonframework.serialization"))
                .because("ADR 0002 names all that the domain may use"));
    }

    @Test
    void theLogKnowsStreamsAndBytesNotExecutions() {
        check(noClasses()
                .that()
                .resideInAPackage(EVENT_STORE)
                .should()
                .dependOnClassesThat(resideInAnyPackage(EVENTS, COMMAND, QUERY, APP))
                .because("the event store stands alone"));
    }

    @Test
    void theWriteSideDoesNotSeeTheReadSide() {
        check(noClasses()
                .that()
                .resideInAPackage(COMMAND)
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage(QUERY, APP, "jakarta.persistence..", "org.springframework.data.."))
                .because("decisions are made from the log alone"));
    }

    @Test
    void theReadSideDoesNotSeeTheWriteSide() {
        check(noClasses()
                .that()
                .resideInAPackage(QUERY)
                .should()
                .dependOnClassesThat(resideInAnyPackage(COMMAND, APP))
                .because("everything that is read comes from events"));
    }

    @Test
    void decidingAndFoldingTakeTimeAndIdsFromOutside() {
        check(noClasses()
                .that()
                .resideInAPackage(EVENTS)
                .or()
                .haveSimpleNameStartingWith("ExecutionDecider")
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(UUID.class, "randomUUID")
                .because("the same events give the same answer at any time"));
    }

    @Test
    void packagesOfAModuleHaveNoCycles() {
        check(slices().matching("dev.runledger.(*.*)..").should().beFreeOfCycles());
    }

    @Test
    void nothingIsNamedAfterAPattern() {
        check(noClasses()
                .should()
                .haveSimpleNameEndingWith("Util")
                .orShould()
                .haveSimpleNameEndingWith("Utils")
                .orShould()
                .haveSimpleNameEndingWith("Helper")
                .orShould()
                .haveSimpleNameEndingWith("Manager")
                .orShould()
                .haveSimpleNameEndingWith("Impl")
                .orShould()
                .haveSimpleNameEndingWith("DTO")
                .because("a name says what the thing is"));
    }

    @Test
    void eachRuleCanFail() {
        var foreign = classes().that().resideInAPackage(COMMAND).should().resideInAPackage(QUERY);
        assertThat(foreign.evaluate(PRODUCT).hasViolation()).isTrue();
    }

    private static void check(ArchRule rule) {
        rule.check(PRODUCT);
    }
}
