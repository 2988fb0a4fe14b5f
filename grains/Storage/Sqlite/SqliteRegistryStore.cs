using System.Collections.Immutable;
using System.Data.Common;
using IotPlatform.Devices;
using IotPlatform.Products;

namespace IotPlatform.Storage.Sqlite;

/// <summary>Products and devices, in SQLite.</summary>
public sealed class SqliteRegistryStore(SqliteDatabase database) : IRegistryStore
{
    private const string ProductColumns = "product_key, name, is_enabled, is_registration_open, created_at, topic_permissions, message_policy";
    private const string DeviceColumns = "product_key, device_name, secret, is_enabled, created_at, tags";

    /// <inheritdoc/>
    public Task<ProductView?> FindProductAsync(string productKey) =>
        database.ReadAsync(commands => SqliteRows.All(
            commands.Query($"SELECT {ProductColumns} FROM product WHERE product_key = @p0", productKey), Product).FirstOrDefault());

    /// <inheritdoc/>
    public Task<bool> TryAddProductAsync(ProductView product) =>
        database.WriteAsync(StoreWeight.OfSmall, commands => commands.Execute(
            $"INSERT INTO product ({ProductColumns}) VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6) ON CONFLICT DO NOTHING",
            product.ProductKey, product.Name, product.IsEnabled, product.IsRegistrationOpen, StoreTime.ToStore(product.CreatedAt),
            ProductJson.Of(product.TopicPermissions), ProductJson.Of(product.Messages)) == 1);

    /// <inheritdoc/>
    public Task SetProductEnabledAsync(string productKey, bool isEnabled) =>
        database.WriteAsync(StoreWeight.OfSmall, commands => commands.Execute("UPDATE product SET is_enabled = @p1 WHERE product_key = @p0", productKey, isEnabled));

    /// <inheritdoc/>
    public Task SetTopicPermissionsAsync(string productKey, ImmutableArray<TopicPermission> permissions) =>
        database.WriteAsync(StoreWeight.OfSmall, commands => commands.Execute(
            "UPDATE product SET topic_permissions = @p1 WHERE product_key = @p0", productKey, ProductJson.Of(permissions)));

    /// <inheritdoc/>
    public Task SetMessagePolicyAsync(string productKey, MessagePolicy? policy) =>
        database.WriteAsync(StoreWeight.OfSmall, commands => commands.Execute(
            "UPDATE product SET message_policy = @p1 WHERE product_key = @p0", productKey, ProductJson.Of(policy)));

    /// <inheritdoc/>
    public Task<bool> TryDeleteProductAsync(string productKey) =>
        database.WriteAsync(StoreWeight.OfSmall, commands => commands.Execute(
            "DELETE FROM product WHERE product_key = @p0 AND NOT EXISTS (SELECT 1 FROM device WHERE device.product_key = @p0)", productKey) == 1);

    /// <inheritdoc/>
    public Task<ImmutableArray<ProductView>> ListProductsAsync(PageRequest page) =>
        database.ReadAsync(commands => SqliteRows.All(
            commands.Query(
                $"SELECT {ProductColumns} FROM product WHERE product_key > @p0 ORDER BY product_key LIMIT @p1", page.After ?? "", (long)page.Size),
            Product));

    /// <inheritdoc/>
    public Task<DeviceRegistration?> FindDeviceAsync(DeviceId device) =>
        database.ReadAsync(commands => SqliteRows.All(
            commands.Query(
                $"SELECT {DeviceColumns} FROM device WHERE product_key = @p0 AND device_name = @p1", device.ProductKey, device.DeviceName),
            Device).FirstOrDefault());

    /// <inheritdoc/>
    public Task<string?> TryAddDevicesAsync(ImmutableArray<DeviceRegistration> devices) =>
        database.WriteAsync(StoreWeight.Of(devices), commands => AddAllOrNone(commands, devices));

    /// <inheritdoc/>
    public Task UpdateDeviceAsync(DeviceRegistration device) =>
        database.WriteAsync(StoreWeight.Of(device), commands => commands.Execute(
            "UPDATE device SET secret = @p2, is_enabled = @p3, tags = @p4 WHERE product_key = @p0 AND device_name = @p1",
            device.Id.ProductKey, device.Id.DeviceName, device.Secret, device.IsEnabled, TagJson.Of(device.Tags)));

    /// <inheritdoc/>
    public Task DeleteDeviceAsync(DeviceId device) =>
        database.WriteAsync(StoreWeight.OfSmall, commands => commands.Execute(
            "DELETE FROM device WHERE product_key = @p0 AND device_name = @p1", device.ProductKey, device.DeviceName));

    /// <inheritdoc/>
    public Task<ImmutableArray<DeviceRegistration>> ListDevicesAsync(string productKey, PageRequest page) =>
        database.ReadAsync(commands => SqliteRows.All(
            commands.Query(
                $"SELECT {DeviceColumns} FROM device WHERE product_key = @p0 AND device_name > @p1 ORDER BY device_name LIMIT @p2",
                productKey, page.After ?? "", (long)page.Size),
            Device));

    // The batch has other callers' writes in its transaction, so what was inserted before a taken name was met is taken out by hand.
    private static string? AddAllOrNone(PreparedCommands commands, ImmutableArray<DeviceRegistration> devices)
    {
        for (var i = 0; i < devices.Length; i++)
        {
            if (Add(commands, devices[i]))
            {
                continue;
            }

            foreach (var added in devices.AsSpan(0, i))
            {
                commands.Execute("DELETE FROM device WHERE product_key = @p0 AND device_name = @p1", added.Id.ProductKey, added.Id.DeviceName);
            }

            return devices[i].Id.DeviceName;
        }

        return null;
    }

    private static bool Add(PreparedCommands commands, DeviceRegistration device) =>
        commands.Execute(
            $"INSERT INTO device ({DeviceColumns}) VALUES (@p0, @p1, @p2, @p3, @p4, @p5) ON CONFLICT DO NOTHING",
            device.Id.ProductKey, device.Id.DeviceName, device.Secret, device.IsEnabled, StoreTime.ToStore(device.CreatedAt), TagJson.Of(device.Tags)) == 1;

    private static ProductView Product(DbDataReader row) =>
        new(row.GetString(0), row.GetString(1), row.GetBoolean(2), row.GetBoolean(3), StoreTime.FromStore(row.GetInt64(4)),
            ProductJson.Permissions(row.GetString(5)), ProductJson.Policy(row.GetText(6)));

    private static DeviceRegistration Device(DbDataReader row) =>
        new(new DeviceId(row.GetString(0), row.GetString(1)), row.GetString(2), row.GetBoolean(3), StoreTime.FromStore(row.GetInt64(4)))
        {
            Tags = TagJson.Tags(row.GetString(5)),
        };
}
