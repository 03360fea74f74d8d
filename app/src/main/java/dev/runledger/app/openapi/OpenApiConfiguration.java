package dev.runledger.app.openapi;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.info.License;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.servers.Server;
import io.swagger.v3.oas.models.tags.Tag;
import java.util.List;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** What {@code /v3/api-docs} says of the API as a whole; the same on every machine. */
@Configuration(proxyBeanMethods = false)
@Lazy
class OpenApiConfiguration {

    /** Most starts are never asked for the description: what makes it waits for the first request. */
    @Bean
    static BeanFactoryPostProcessor lazySpringdoc() {
        return beans -> {
            for (var name : beans.getBeanDefinitionNames()) {
                var definition = beans.getBeanDefinition(name);
                var source = definition.getFactoryBeanName() == null
                        ? definition.getBeanClassName()
                        : definition.getFactoryBeanName();
                if (source != null && source.startsWith("org.springdoc.")) {
                    definition.setLazyInit(true);
                }
            }
        };
    }

    @Bean
    OpenAPI runledgerApi() {
        return new OpenAPI()
                .info(new Info()
                        .title("Runledger")
                        .version("v1")
                        .description("An event-sourced store of workflow executions.")
                        .license(new License().name("Apache-2.0").url("https://www.apache.org/licenses/LICENSE-2.0")))
                .servers(List.of(new Server().url("/")))
                .tags(Operations.TAGS.entrySet().stream()
                        .map(tag -> new Tag().name(tag.getKey()).description(tag.getValue()))
                        .toList())
                .addSecurityItem(new SecurityRequirement().addList("key"));
    }

    @Bean
    ApiDescription apiDescription(@Qualifier("requestMappingHandlerMapping") RequestMappingHandlerMapping handlers) {
        return new ApiDescription(handlers);
    }
}
