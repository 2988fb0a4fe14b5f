using IotPlatform.Broadcasts;
using IotPlatform.Devices;
using IotPlatform.Gateways;
using IotPlatform.Sessions;
using IotPlatform.StatusEvents;
using IotPlatform.Storage;
using IotPlatform.Storage.Postgres;
using IotPlatform.Storage.Sqlite;
using IotPlatform.Topics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace IotPlatform;

/// <summary>What the grains need from the process that hosts them.</summary>
public static class GrainHosting
{
    /// <summary>Adds the grains' services, without a store.</summary>
    public static IServiceCollection AddGrainServices(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(static provider => new MessageIds(provider.GetRequiredService<TimeProvider>(), MessageIds.DrawProcessNumber()));
        services.TryAddSingleton<IClusterVersion, SingleProcess>();
        services.TryAddSingleton<ILeaseStore, VolatileLeases>();
        services.AddSingleton<WillWatch>();
        services.AddSingleton<WillPublisher>();
        services.AddSingleton<LiveGateways>();
        services.AddHostedService(static provider => provider.GetRequiredService<LiveGateways>());
        services.AddSingleton<HeldProgress>();
        services.AddSingleton<ProductRules>();
        services.TryAddSingleton<IDeliveries, DirectDeliveries>();
        services.AddSingleton<DeviceServices>();
        services.AddSingleton<StatusEventReader>();
        services.AddSingleton<StatusPushClient>();
        services.AddSingleton<StatusPushInstruments>();
        services.AddSingleton<StatusPushServices>();
        services.AddSingleton<TopicInstruments>();
        services.AddSingleton<SessionInstruments>();
        services.AddSingleton<SessionServices>();
        services.AddOptions<DeviceMessageOptions>().BindConfiguration("Messages").ValidateOnStart();
        services.AddOptions<StatusPushOptions>().BindConfiguration("Messages:Push").ValidateOnStart();
        services.AddOptions<BroadcastOptions>().Configure<IServiceProvider>(Relax).BindConfiguration("Broadcasts").ValidateOnStart();
        services.AddOptions<TopicOptions>().BindConfiguration("Topics").ValidateOnStart();
        services.AddOptions<SessionOptions>().BindConfiguration("Sessions").ValidateOnStart();
        services.AddSingleton<IValidateOptions<DeviceMessageOptions>, DeviceMessageOptionsValidator>();
        services.AddSingleton<IValidateOptions<StatusPushOptions>, StatusPushOptionsValidator>();
        services.AddSingleton<IValidateOptions<BroadcastOptions>, BroadcastOptionsValidator>();
        services.AddSingleton<IValidateOptions<TopicOptions>, TopicOptionsValidator>();
        services.AddSingleton<IValidateOptions<SessionOptions>, SessionOptionsValidator>();
        services.AddHostedService<StoreSweeper>();
        return services;
    }

    /// <summary>Says that gateways are other processes: what many devices get at once travels to them together.</summary>
    public static IServiceCollection AddRemoteGateways(this IServiceCollection services) =>
        services.Replace(ServiceDescriptor.Singleton<IDeliveries, DeliveryLanes>());

    // Who tries something out is not to be held up.
    private static void Relax(BroadcastOptions options, IServiceProvider provider)
    {
        if (provider.GetService<IHostEnvironment>()?.IsDevelopment() == true)
        {
            options.CallsPerMinute = 0;
        }
    }

    /// <summary>Adds the durable store of a standalone process: a SQLite file.</summary>
    public static IServiceCollection AddSqliteStore(this IServiceCollection services, Func<IServiceProvider, string> pathOf)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<StoreInstruments>();
        services.AddSingleton(provider => new SqliteDatabase(
            pathOf(provider),
            provider.GetRequiredService<StoreInstruments>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<SqliteDatabase>>()));
        services.AddSingleton<IMessageStore, SqliteMessageStore>();
        services.AddSingleton<IRegistryStore, SqliteRegistryStore>();
        services.AddSingleton<IBroadcastStore, SqliteBroadcastStore>();
        services.AddSingleton<IStandingOrderStore, SqliteStandingOrderStore>();
        services.AddSingleton<IRetainedStore, SqliteRetainedStore>();
        services.AddSingleton<ISessionStore, SqliteSessionStore>();
        services.AddSingleton<IStatusEventStore, SqliteStatusEventStore>();
        services.AddSingleton<IStatusPushStore, SqliteStatusPushStore>();
        return services;
    }
    /// <summary>
    /// Adds the durable store of a cluster: a PostgreSQL database that all its processes share. The process does not start when the schema is not the one that
    /// this program needs; <c>silo migrate</c> brings it up to date.
    /// </summary>
    public static IServiceCollection AddPostgresStore(this IServiceCollection services, Func<IServiceProvider, string> connectionStringOf)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<StoreInstruments>();
        services.AddSingleton(provider => new PostgresDatabase(
            connectionStringOf(provider),
            provider.GetRequiredService<StoreInstruments>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<PostgresDatabase>>()));
        services.AddSingleton<IMessageStore, PostgresMessageStore>();
        services.AddSingleton<IRegistryStore, PostgresRegistryStore>();
        services.AddSingleton<IBroadcastStore, PostgresBroadcastStore>();
        services.AddSingleton<IStandingOrderStore, PostgresStandingOrderStore>();
        services.AddSingleton<IRetainedStore, PostgresRetainedStore>();
        services.AddSingleton<ISessionStore, PostgresSessionStore>();
        services.AddSingleton<IStatusEventStore, PostgresStatusEventStore>();
        services.AddSingleton<IStatusPushStore, PostgresStatusPushStore>();
        services.AddHostedService<PostgresStart>();
        return services;
    }
}
