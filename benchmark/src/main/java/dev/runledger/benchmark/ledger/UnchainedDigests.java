package dev.runledger.benchmark.ledger;

import dev.runledger.benchmark.load.Sample;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.NoSuchProviderException;
import java.security.Provider;
import java.security.Security;
import java.util.concurrent.Callable;

/**
 * Takes the hashing out of the log's chain while {@link #unchain(boolean)} says so, without a change to the log: SHA-256
 * as the log's chain asks for it costs nothing then and is all zeros; everybody else's is Java's own. What the chain
 * stores is still written, so that what differs is the hashing alone.
 */
final class UnchainedDigests extends Provider {

    private static final String CHAIN = "dev.runledger.eventstore.Chain";
    private static volatile boolean unchained;

    private UnchainedDigests() {
        super("Unchained", "1", "SHA-256 that is free for the log's chain");
        putService(new Service(this, "MessageDigest", "SHA-256", Sha256.class.getName(), null, null) {
            @Override
            public Object newInstance(Object parameter) throws NoSuchAlgorithmException {
                // Looked up in either case, so that both pay for it.
                var chain = isAskedByChain();
                return chain && unchained ? new Zeros() : new Sha256();
            }
        });
    }

    /** Makes {@code work} with the hashing in its place or without it; both go through this provider. */
    static Sample during(boolean unchain, Callable<Sample> work) throws Exception {
        var provider = new UnchainedDigests();
        Security.insertProviderAt(provider, 1);
        unchained = unchain;
        try {
            return work.call();
        } finally {
            Security.removeProvider(provider.getName());
        }
    }

    private static boolean isAskedByChain() {
        return StackWalker.getInstance()
                .walk(frames ->
                        frames.limit(16).anyMatch(frame -> frame.getClassName().equals(CHAIN)));
    }

    /** Java's own. */
    private static final class Sha256 extends MessageDigest {

        private final MessageDigest digest;

        Sha256() throws NoSuchAlgorithmException {
            super("SHA-256");
            try {
                digest = MessageDigest.getInstance("SHA-256", "SUN");
            } catch (NoSuchProviderException e) {
                throw new NoSuchAlgorithmException(e);
            }
        }

        @Override
        protected void engineUpdate(byte input) {
            digest.update(input);
        }

        @Override
        protected void engineUpdate(byte[] input, int offset, int length) {
            digest.update(input, offset, length);
        }

        @Override
        protected byte[] engineDigest() {
            return digest.digest();
        }

        @Override
        protected void engineReset() {
            digest.reset();
        }
    }

    /** Nothing at all, in the right length. */
    private static final class Zeros extends MessageDigest {

        Zeros() {
            super("SHA-256");
        }

        @Override
        protected void engineUpdate(byte input) {}

        @Override
        protected void engineUpdate(byte[] input, int offset, int length) {}

        @Override
        protected byte[] engineDigest() {
            return new byte[32];
        }

        @Override
        protected void engineReset() {}
    }
}
