using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using IotPlatform.Topics;

namespace IotPlatform.Storage.Postgres;

/// <summary>Retained messages, in PostgreSQL.</summary>
public sealed class PostgresRetainedStore(PostgresDatabase database) : IRetainedStore
{
    private const string Columns = "shard, topic_sha256, topic, payload, qos, properties, stored_at, expires_at";

    /// <inheritdoc/>
    public Task SetAsync(int shard, RetainedMessage message)
    {
        PostgresText.Checked(message.Topic);
        return database.WriteAsync(new StatementWrite<bool>(
            StoreWeight.Of(message),
            $"""
            INSERT INTO retained_message ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (shard, topic_sha256) DO UPDATE SET
              payload = EXCLUDED.payload, qos = EXCLUDED.qos, properties = EXCLUDED.properties,
              stored_at = EXCLUDED.stored_at, expires_at = EXCLUDED.expires_at
            """,
            parameters => parameters
                .With(shard).With(HashOf(message.Topic)).With(message.Topic).With(message.Payload.ToStored()).With((short)message.QoS)
                .With(message.Properties.ToStored()).With(StoreTime.ToStore(message.StoredAt))
                .WithNullable(message.ExpiresAt is { } expiresAt ? StoreTime.ToStore(expiresAt) : null),
            static (_, _) => true));
    }

    /// <inheritdoc/>
    public Task RemoveAsync(int shard, string topic)
    {
        PostgresText.Checked(topic);
        return database.WriteAsync(new StatementWrite<bool>(
            StoreWeight.OfSmall,
            "DELETE FROM retained_message WHERE shard = $1 AND topic_sha256 = $2",
            parameters => parameters.With(shard).With(HashOf(topic)),
            static (_, _) => true));
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<RetainedMessage>> LoadAsync(int shard) =>
        database.ReadAsync(connection => connection.QueryAsync(
            $"SELECT {Columns} FROM retained_message WHERE shard = $1",
            parameters => parameters.With(shard),
            static row => new RetainedMessage(
                row.GetString(2),
                row.GetFieldValue<byte[]>(3),
                row.GetInt16(4),
                row.GetFieldValue<byte[]>(5),
                StoreTime.FromStore(row.GetInt64(6)),
                row.GetTime(7))));

    private static byte[] HashOf(string topic) => SHA256.HashData(Encoding.UTF8.GetBytes(topic));
}
