package dev.runledger.benchmark.axon;

import org.hibernate.boot.model.TypeContributions;
import org.hibernate.dialect.PostgreSQLDialect;
import org.hibernate.engine.jdbc.dialect.spi.DialectResolutionInfo;
import org.hibernate.service.ServiceRegistry;
import org.hibernate.type.SqlTypes;
import org.hibernate.type.descriptor.jdbc.VarbinaryJdbcType;

/** Keeps Axon's payloads as {@code bytea}. Hibernate's own choice, large objects, makes the baseline up to 3 x slower. */
public class ByteaDialect extends PostgreSQLDialect {

    /** Called by Hibernate. */
    public ByteaDialect(DialectResolutionInfo info) {
        super(info);
    }

    @Override
    protected String columnType(int code) {
        return code == SqlTypes.BLOB ? "bytea" : super.columnType(code);
    }

    @Override
    protected String castType(int code) {
        return code == SqlTypes.BLOB ? "bytea" : super.castType(code);
    }

    @Override
    public void contributeTypes(TypeContributions types, ServiceRegistry services) {
        super.contributeTypes(types, services);
        types.getTypeConfiguration().getJdbcTypeRegistry().addDescriptor(SqlTypes.BLOB, VarbinaryJdbcType.INSTANCE);
    }
}
