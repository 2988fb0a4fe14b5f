using Npgsql;
using NpgsqlTypes;

namespace IotPlatform.Storage.Postgres;

/// <summary>Positional parameters: <c>$1</c> is the first that is added. Statements with them are sent as they are written.</summary>
internal static class PostgresParameters
{
    public static NpgsqlParameterCollection With<T>(this NpgsqlParameterCollection parameters, T value)
        where T : notnull
    {
        parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return parameters;
    }

    public static NpgsqlParameterCollection WithNullable(this NpgsqlParameterCollection parameters, string? value)
    {
        parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = value ?? (object)DBNull.Value });
        return parameters;
    }

    public static NpgsqlParameterCollection WithNullable(this NpgsqlParameterCollection parameters, long? value)
    {
        parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Bigint, Value = value ?? (object)DBNull.Value });
        return parameters;
    }
}
