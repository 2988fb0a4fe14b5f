using Microsoft.Data.Sqlite;

namespace IotPlatform.Storage.Sqlite;

/// <summary>Which of SQLite's errors are the world's fault and not a statement's. Source: sqlite.org/rescode.html.</summary>
internal static class SqliteErrors
{
    private const int Busy = 5;
    private const int Locked = 6;
    private const int NoMemory = 7;
    private const int ReadOnly = 8;
    private const int InputOutput = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;

    /// <summary>What leaves the store when SQLite threw <paramref name="exception"/>.</summary>
    public static Exception Translate(Exception exception) =>
        exception is SqliteException { SqliteErrorCode: Busy or Locked or NoMemory or ReadOnly or InputOutput or Corrupt or Full or CannotOpen or NotADatabase } refusal
            ? new StoreUnavailableException($"The database file can not be used now (SQLite error {refusal.SqliteErrorCode}).", exception)
            : exception;
}
