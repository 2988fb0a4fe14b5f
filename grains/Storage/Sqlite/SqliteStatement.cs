using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IotPlatform.Storage.Sqlite;

/// <summary>
/// One statement that changes rows, prepared once and run through SQLite's own interface: a message is written several times in its life, and the data provider's
/// command makes some kilobytes of garbage each time.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private const int StackBytesMax = 512;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly int[] _indexes;

    /// <param name="connection">An open connection, which outlives it.</param>
    /// <param name="sql">One statement; its parameters are <c>@p0</c>, <c>@p1</c> and so on, in any order.</param>
    /// <param name="parameterCount">How many.</param>
    public SqliteStatement(SqliteConnection connection, string sql, int parameterCount)
    {
        _database = connection.Handle ?? throw new InvalidOperationException("The connection is closed.");
        Check(raw.sqlite3_prepare_v2(_database, sql, out _statement));
        _indexes = new int[parameterCount];
        for (var i = 0; i < parameterCount; i++)
        {
            _indexes[i] = raw.sqlite3_bind_parameter_index(_statement, string.Create(CultureInfo.InvariantCulture, $"@p{i}"));
        }
    }

    /// <summary>Runs it.</summary>
    /// <returns>How many rows it changed.</returns>
    /// <exception cref="SqliteException">It did not go through.</exception>
    public int Execute(ReadOnlySpan<object?> parameters)
    {
        try
        {
            for (var i = 0; i < parameters.Length; i++)
            {
                Check(Bind(_indexes[i], parameters[i]));
            }

            var result = raw.sqlite3_step(_statement);
            while (result == raw.SQLITE_ROW)
            {
                result = raw.sqlite3_step(_statement);
            }

            Check(result == raw.SQLITE_DONE ? raw.SQLITE_OK : result);
            return raw.sqlite3_changes(_database);
        }
        finally
        {
            // Its result is that of the step, which has been looked at.
            _ = raw.sqlite3_reset(_statement);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _statement.Dispose();

    private int Bind(int index, object? value) => value switch
    {
        null => raw.sqlite3_bind_null(_statement, index),
        long number => raw.sqlite3_bind_int64(_statement, index, number),
        int number => raw.sqlite3_bind_int64(_statement, index, number),
        bool flag => raw.sqlite3_bind_int64(_statement, index, flag ? 1 : 0),

        // A span of nothing has no address, which means null there.
        string { Length: 0 } => raw.sqlite3_bind_text(_statement, index, ""),
        byte[] { Length: 0 } => raw.sqlite3_bind_zeroblob(_statement, index, 0),
        string text => BindText(index, text),
        byte[] bytes => raw.sqlite3_bind_blob(_statement, index, bytes),
        _ => throw new ArgumentException($"{value.GetType()} is nothing that is stored."),
    };

    private int BindText(int index, string text)
    {
        var bytesMax = Encoding.UTF8.GetMaxByteCount(text.Length);
        Span<byte> bytes = bytesMax <= StackBytesMax ? stackalloc byte[StackBytesMax] : new byte[bytesMax];
        return raw.sqlite3_bind_text(_statement, index, bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _database);
}
