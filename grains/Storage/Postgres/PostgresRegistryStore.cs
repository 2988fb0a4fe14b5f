using System.Collections.Immutable;
using IotPlatform.Devices;
using IotPlatform.Products;
using Npgsql;

namespace IotPlatform.Storage.Postgres;

/// <summary>Products and devices, in PostgreSQL.</summary>
public sealed class PostgresRegistryStore : IRegistryStore
{
    /// <summary>The devices' table.</summary>
    internal const string DeviceTable = "device";

    private const string ProductColumns = "product_key, name, is_enabled, is_registration_open, created_at, topic_permissions, message_policy";
    private const string DeviceColumns = "product_key, device_name, secret, is_enabled, created_at, tags";

    // The statement sees what was there when it began. A name that another silo takes in that moment violates the primary key: the batch is written
    // again, and finds it taken.
    private const string AddDevicesSql =
        $"""
        WITH wanted AS MATERIALIZED (
          SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::bigint[], $6::text[]) AS w ({DeviceColumns})
        ), taken AS MATERIALIZED (
          SELECT w.device_name FROM wanted AS w JOIN {DeviceTable} AS d ON d.product_key = w.product_key AND d.device_name = w.device_name LIMIT 1
        ), added AS (
          INSERT INTO {DeviceTable} ({DeviceColumns}) SELECT {DeviceColumns} FROM wanted WHERE NOT EXISTS (SELECT FROM taken)
        )
        SELECT device_name FROM taken
        """;

    private readonly PostgresDatabase _database;
    private readonly CoalescingReader<DeviceId, DeviceRegistration?> _devices;

    /// <summary>Stores in <paramref name="database"/>.</summary>
    public PostgresRegistryStore(PostgresDatabase database)
    {
        _database = database;
        _devices = new CoalescingReader<DeviceId, DeviceRegistration?>(database, "devices", FindDevicesAsync);
    }

    /// <inheritdoc/>
    public async Task<ProductView?> FindProductAsync(string productKey)
    {
        if (!PostgresText.CanHold(productKey))
        {
            return null;
        }

        var found = await _database.ReadAsync(connection => connection.QueryAsync(
            $"SELECT {ProductColumns} FROM product WHERE product_key = $1", parameters => parameters.With(productKey), Product));
        return found.FirstOrDefault();
    }

    /// <inheritdoc/>
    public Task<bool> TryAddProductAsync(ProductView product)
    {
        PostgresText.Checked(product.ProductKey);
        PostgresText.Checked(product.Name);
        return WriteAsync(
            $"INSERT INTO product ({ProductColumns}) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (product_key) DO NOTHING",
            parameters => parameters
                .With(product.ProductKey).With(product.Name).With(product.IsEnabled).With(product.IsRegistrationOpen).With(StoreTime.ToStore(product.CreatedAt))
                .With(PostgresText.Checked(ProductJson.Of(product.TopicPermissions))).WithNullable(ProductJson.Of(product.Messages)));
    }

    /// <inheritdoc/>
    public Task SetProductEnabledAsync(string productKey, bool isEnabled)
    {
        PostgresText.Checked(productKey);
        return WriteAsync("UPDATE product SET is_enabled = $2 WHERE product_key = $1", parameters => parameters.With(productKey).With(isEnabled));
    }

    /// <inheritdoc/>
    public Task SetTopicPermissionsAsync(string productKey, ImmutableArray<TopicPermission> permissions)
    {
        PostgresText.Checked(productKey);
        var json = PostgresText.Checked(ProductJson.Of(permissions));
        return WriteAsync("UPDATE product SET topic_permissions = $2 WHERE product_key = $1", parameters => parameters.With(productKey).With(json));
    }

    /// <inheritdoc/>
    public Task SetMessagePolicyAsync(string productKey, MessagePolicy? policy)
    {
        PostgresText.Checked(productKey);
        return WriteAsync(
            "UPDATE product SET message_policy = $2 WHERE product_key = $1", parameters => parameters.With(productKey).WithNullable(ProductJson.Of(policy)));
    }

    /// <inheritdoc/>
    public Task<bool> TryDeleteProductAsync(string productKey)
    {
        PostgresText.Checked(productKey);
        return WriteAsync(
            "DELETE FROM product WHERE product_key = $1 AND NOT EXISTS (SELECT FROM device WHERE device.product_key = $1)",
            parameters => parameters.With(productKey));
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<ProductView>> ListProductsAsync(PageRequest page) =>
        _database.ReadAsync(connection => connection.QueryAsync(
            $"SELECT {ProductColumns} FROM product WHERE product_key > $1 ORDER BY product_key LIMIT $2",
            parameters => parameters.With(PostgresText.Checked(page.After ?? "")).With(page.Size),
            Product));

    /// <inheritdoc/>
    public Task<DeviceRegistration?> FindDeviceAsync(DeviceId device) =>
        PostgresText.CanHold(device.ProductKey) && PostgresText.CanHold(device.DeviceName)
            ? _devices.ReadAsync(device)
            : Task.FromResult<DeviceRegistration?>(null);

    /// <inheritdoc/>
    public Task<string?> TryAddDevicesAsync(ImmutableArray<DeviceRegistration> devices)
    {
        var ids = new HashSet<DeviceId>();
        var tags = new string[devices.Length];
        for (var i = 0; i < devices.Length; i++)
        {
            var device = devices[i];
            PostgresText.Checked(device.Id.ProductKey);
            PostgresText.Checked(device.Id.DeviceName);
            PostgresText.Checked(device.Secret);
            tags[i] = PostgresText.Checked(TagJson.Of(device.Tags));
            if (!ids.Add(device.Id))
            {
                return Task.FromResult<string?>(device.Id.DeviceName);
            }
        }

        return _database.WriteAsync(new StatementWrite<string?>(
            StoreWeight.Of(devices),
            AddDevicesSql,
            parameters => parameters
                .With(devices.Select(static d => d.Id.ProductKey).ToArray())
                .With(devices.Select(static d => d.Id.DeviceName).ToArray())
                .With(devices.Select(static d => d.Secret).ToArray())
                .With(devices.Select(static d => d.IsEnabled).ToArray())
                .With(devices.Select(static d => StoreTime.ToStore(d.CreatedAt)).ToArray())
                .With(tags),
            static (_, taken) => taken,
            answers: true));
    }

    /// <inheritdoc/>
    public Task UpdateDeviceAsync(DeviceRegistration device)
    {
        PostgresText.Checked(device.Id.ProductKey);
        PostgresText.Checked(device.Id.DeviceName);
        PostgresText.Checked(device.Secret);
        var tags = PostgresText.Checked(TagJson.Of(device.Tags));
        return WriteAsync(
            "UPDATE device SET secret = $3, is_enabled = $4, tags = $5 WHERE product_key = $1 AND device_name = $2",
            parameters => parameters.With(device.Id.ProductKey).With(device.Id.DeviceName).With(device.Secret).With(device.IsEnabled).With(tags),
            StoreWeight.Of(device));
    }

    /// <inheritdoc/>
    public Task DeleteDeviceAsync(DeviceId device)
    {
        PostgresText.Checked(device.ProductKey);
        PostgresText.Checked(device.DeviceName);
        return WriteAsync(
            "DELETE FROM device WHERE product_key = $1 AND device_name = $2",
            parameters => parameters.With(device.ProductKey).With(device.DeviceName));
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<DeviceRegistration>> ListDevicesAsync(string productKey, PageRequest page) =>
        _database.ReadAsync(connection => connection.QueryAsync(
            $"SELECT {DeviceColumns} FROM device WHERE product_key = $1 AND device_name > $2 ORDER BY device_name LIMIT $3",
            parameters => parameters.With(PostgresText.Checked(productKey)).With(PostgresText.Checked(page.After ?? "")).With(page.Size),
            static row => Device(new DeviceId(row.GetString(0), row.GetString(1)), row)));

    private Task<bool> WriteAsync(string sql, Action<NpgsqlParameterCollection> bind, long weight = StoreWeight.OfSmall) =>
        _database.WriteAsync(new StatementWrite<bool>(weight, sql, bind, static (rows, _) => rows == 1));

    private static async Task<DeviceRegistration?[]> FindDevicesAsync(NpgsqlConnection connection, DeviceId[] ids)
    {
        var devices = new DeviceRegistration?[ids.Length];
        await using var command = connection.CreateCommand(
            """
            SELECT k.number, NULL, d.secret, d.is_enabled, d.created_at, d.tags
            FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS k (product_key, device_name, number)
            JOIN device AS d ON d.product_key = k.product_key AND d.device_name = k.device_name
            """,
            parameters => parameters
                .With(Array.ConvertAll(ids, static id => id.ProductKey))
                .With(Array.ConvertAll(ids, static id => id.DeviceName)));
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            var i = rows.GetInt64(0) - 1;
            devices[i] = Device(ids[i], rows);
        }

        return devices;
    }

    private static ProductView Product(NpgsqlDataReader row) =>
        new(row.GetString(0), row.GetString(1), row.GetBoolean(2), row.GetBoolean(3), StoreTime.FromStore(row.GetInt64(4)),
            ProductJson.Permissions(row.GetString(5)), ProductJson.Policy(row.GetText(6)));

    private static DeviceRegistration Device(DeviceId id, NpgsqlDataReader row) =>
        new(id, row.GetString(2), row.GetBoolean(3), StoreTime.FromStore(row.GetInt64(4))) { Tags = TagJson.Tags(row.GetString(5)) };
}
