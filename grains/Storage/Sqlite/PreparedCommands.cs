using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace IotPlatform.Storage.Sqlite;

/// <summary>The statements of one connection, each prepared once.</summary>
public sealed class PreparedCommands(SqliteConnection connection) : IDisposable
{
    private readonly Dictionary<string, SqliteCommand> _queries = new(SqlComparer.Instance);
    private readonly Dictionary<string, SqliteStatement> _statements = new(SqlComparer.Instance);

    /// <summary>Runs within this transaction from here on.</summary>
    public SqliteTransaction? Transaction { get; set; }

    /// <summary>What they have done to messages in this transaction: stored at its end.</summary>
    public StatusEventBuffer StatusEvents { get; } = new();

    /// <summary>Runs a statement. Parameters are <c>@p0</c>, <c>@p1</c> and so on.</summary>
    /// <returns>How many rows it changed.</returns>
    public int Execute(string sql, params ReadOnlySpan<object?> parameters)
    {
        var statement = Prepare(sql, parameters.Length);
        foreach (var parameter in parameters)
        {
            statement.Bind(parameter);
        }

        return statement.Execute();
    }

    /// <summary>A statement, for what runs so often that its parameters should cost no memory.</summary>
    internal SqliteStatement Prepare(string sql, int parameterCount)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            statement = new SqliteStatement(connection, sql, parameterCount);
            _statements.Add(sql, statement);
        }

        return statement.Begin();
    }

    /// <summary>Runs a query.</summary>
    public DbDataReader Query(string sql, params ReadOnlySpan<object?> parameters) => Bind(sql, parameters).ExecuteReader();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var query in _queries.Values)
        {
            query.Dispose();
        }

        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _queries.Clear();
        _statements.Clear();
        StatusEvents.Dispose();
    }

    private SqliteCommand Bind(string sql, ReadOnlySpan<object?> parameters)
    {
        if (!_queries.TryGetValue(sql, out var command))
        {
            command = NewCommand(sql, parameters.Length);
            _queries.Add(sql, command);
        }

        command.Transaction = Transaction;
        for (var i = 0; i < parameters.Length; i++)
        {
            command.Parameters[i].Value = parameters[i] ?? DBNull.Value;
        }

        return command;
    }

    private SqliteCommand NewCommand(string sql, int parameterCount)
    {
        var command = connection.CreateCommand();

        // Every statement is a constant of this project; values travel as parameters only.
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        for (var i = 0; i < parameterCount; i++)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = $"@p{i}";
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
