using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IotPlatform.Storage.Sqlite;

/// <summary>
/// One statement, prepared once and run through SQLite's own interface: a message is written several times in its life, and the data provider's command makes some
/// kilobytes of garbage each time. Its parameters are bound one after the other; then it runs, and forgets them.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private const int StackBytesMax = 512;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly int[] _indexes;
    private int _bound;

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

    /// <summary>From here on the first parameter is the next one: also after one that could not be bound.</summary>
    public SqliteStatement Begin()
    {
        _bound = 0;
        return this;
    }

    /// <summary>The next parameter.</summary>
    public SqliteStatement Bind(long number) => Bound(raw.sqlite3_bind_int64(_statement, Next(), number));

    /// <inheritdoc cref="Bind(long)"/>
    public SqliteStatement Bind(bool flag) => Bind(flag ? 1L : 0L);

    /// <inheritdoc cref="Bind(long)"/>
    public SqliteStatement Bind(long? number) => number is { } value ? Bind(value) : BindNull();

    /// <inheritdoc cref="Bind(long)"/>
    public SqliteStatement Bind(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            // A span of nothing has no address, which means null there.
            return text is null ? BindNull() : Bound(raw.sqlite3_bind_text(_statement, Next(), ""));
        }

        var bytesMax = Encoding.UTF8.GetMaxByteCount(text.Length);
        Span<byte> bytes = bytesMax <= StackBytesMax ? stackalloc byte[StackBytesMax] : new byte[bytesMax];
        return Bound(raw.sqlite3_bind_text(_statement, Next(), bytes[..Encoding.UTF8.GetBytes(text, bytes)]));
    }

    /// <inheritdoc cref="Bind(long)"/>
    public SqliteStatement Bind(ReadOnlySpan<byte> bytes) =>
        Bound(bytes.IsEmpty ? raw.sqlite3_bind_zeroblob(_statement, Next(), 0) : raw.sqlite3_bind_blob(_statement, Next(), bytes));

    /// <inheritdoc cref="Bind(long)"/>
    public SqliteStatement Bind(byte[]? bytes) => bytes is null ? BindNull() : Bind(bytes.AsSpan());

    /// <summary>The next parameter, of whatever type.</summary>
    public SqliteStatement Bind(object? value) => value switch
    {
        null => BindNull(),
        long number => Bind(number),
        int number => Bind(number),
        bool flag => Bind(flag),
        string text => Bind(text),
        byte[] bytes => Bind(bytes),
        _ => throw new ArgumentException($"{value.GetType()} is nothing that is stored."),
    };

    /// <summary>Runs it.</summary>
    /// <returns>How many rows it changed.</returns>
    /// <exception cref="SqliteException">It did not go through.</exception>
    public int Execute()
    {
        try
        {
            while (Step())
            {
            }

            return raw.sqlite3_changes(_database);
        }
        finally
        {
            Reset();
        }
    }

    /// <summary>Runs a query for an integer.</summary>
    /// <returns>The first column of the first row; null for no row.</returns>
    /// <exception cref="SqliteException">It did not go through.</exception>
    public long? FindInteger()
    {
        try
        {
            return Step() ? raw.sqlite3_column_int64(_statement, 0) : null;
        }
        finally
        {
            Reset();
        }
    }

    /// <summary>Runs a query for a text.</summary>
    /// <inheritdoc cref="FindInteger"/>
    public string? FindText()
    {
        try
        {
            return Step() ? raw.sqlite3_column_text(_statement, 0).utf8_to_string() : null;
        }
        finally
        {
            Reset();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _statement.Dispose();

    private SqliteStatement BindNull() => Bound(raw.sqlite3_bind_null(_statement, Next()));

    private int Next() => _indexes[_bound++];

    private SqliteStatement Bound(int result)
    {
        Check(result);
        return this;
    }

    /// <returns>Whether there is a row.</returns>
    private bool Step()
    {
        var result = raw.sqlite3_step(_statement);
        Check(result is raw.SQLITE_ROW or raw.SQLITE_DONE ? raw.SQLITE_OK : result);
        return result == raw.SQLITE_ROW;
    }

    // Its result is that of the step, which has been looked at.
    private void Reset() => _ = raw.sqlite3_reset(_statement);

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _database);
}
