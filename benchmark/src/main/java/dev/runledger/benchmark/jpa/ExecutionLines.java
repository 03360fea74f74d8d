package dev.runledger.benchmark.jpa;

import org.springframework.data.domain.Pageable;
import org.springframework.data.domain.Slice;
import org.springframework.data.jpa.repository.JpaRepository;

interface ExecutionLines extends JpaRepository<ExecutionLine, ExecutionKey> {

    /** A slice and not a page, which would count the whole table. */
    Slice<ExecutionLine> findByKeyNamespaceAndStatusOrderByCreatedAtDescKeyExecutionIdDesc(
            String namespace, String status, Pageable page);
}
