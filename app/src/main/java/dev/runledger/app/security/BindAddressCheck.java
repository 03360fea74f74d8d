package dev.runledger.app.security;

import dev.runledger.app.startup.StartRefused;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/** Refuses, before anything starts, to listen where others could reach a server that asks for no key. */
final class BindAddressCheck implements ApplicationContextInitializer<ConfigurableApplicationContext> {

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        check(context.getEnvironment());
    }

    /** @throws StartRefused if the key or the address, or both together, will not do */
    static void check(Environment environment) {
        if (separateManagementPort(environment)) {
            throw new StartRefused("management.server.port is not supported, the API key would not guard it: remove it,"
                    + " health and metrics answer on server.port.");
        }
        String key = environment.getProperty("runledger.api-key");
        if (key != null) {
            ApiKey.of(key);
            return;
        }
        String address = environment.getProperty("server.address");
        if (!isLoopback(address)) {
            throw new StartRefused("Without an API key Runledger listens on 127.0.0.1 only, but server.address is "
                    + (StringUtils.hasText(address) ? address : "empty (every address)")
                    + ": set RUNLEDGER_API_KEY to a key of at least " + ApiKey.SHORTEST
                    + " characters, or remove server.address.");
        }
    }

    private static boolean separateManagementPort(Environment environment) {
        String port = environment.getProperty("management.server.port");
        return StringUtils.hasText(port) && !port.equals(environment.getProperty("server.port", "8080"));
    }

    /** An empty address means every address to the server. */
    private static boolean isLoopback(@Nullable String address) {
        if (!StringUtils.hasText(address)) {
            return false;
        }
        try {
            return InetAddress.getByName(address.strip()).isLoopbackAddress();
        } catch (UnknownHostException unknown) {
            throw new StartRefused("server.address is " + address + ", which is no address of this machine.", unknown);
        }
    }
}
