using Npgsql;

namespace IotPlatform.Storage.Postgres;

/// <summary>Which errors are the world's fault and which are a statement's. Source: PostgreSQL, Appendix A, error codes.</summary>
internal static class PostgresErrors
{
    /// <summary>Begins the errors of a write that does not fit what is stored, or is no statement: they come again however often it is tried.</summary>
    private static readonly string[] StatementClasses = ["21", "22", "23", "42", "54"];

    /// <summary>What leaves the store when the server, or the way to it, failed with <paramref name="exception"/>.</summary>
    public static Exception Translate(Exception exception) => exception switch
    {
        StoreUnavailableException => exception,
        TimeoutException => new StoreUnavailableException("The database did not answer in time.", exception),
        PostgresException refusal when IsStatementAtFault(refusal) =>
            new InvalidOperationException($"The database refused a statement ({refusal.SqlState}): {refusal.MessageText}"),
        PostgresException refusal => new StoreUnavailableException($"The database refused ({refusal.SqlState}).", exception),
        NpgsqlException or ObjectDisposedException or System.Net.Sockets.SocketException or IOException or OperationCanceledException =>
            new StoreUnavailableException("The database can not be reached.", exception),
        _ => exception,
    };

    /// <summary>Whether another process was faster, and the same statements may well succeed now.</summary>
    public static bool IsLostRace(PostgresException refusal) =>
        refusal.SqlState is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected
        || refusal is { SqlState: PostgresErrorCodes.UniqueViolation, TableName: PostgresRegistryStore.DeviceTable };

    // Insufficient privilege is for the operator to mend. A session that was shut out finds null in its writer's row: see WriterSession.
    private static bool IsStatementAtFault(PostgresException refusal) =>
        Array.Exists(StatementClasses, begin => refusal.SqlState.StartsWith(begin, StringComparison.Ordinal))
        && refusal.SqlState != PostgresErrorCodes.InsufficientPrivilege
        && refusal is not { SqlState: PostgresErrorCodes.NotNullViolation, TableName: WriterSession.Table };
}
