using IotPlatform.Storage;
using IotPlatform.Storage.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;

namespace IotPlatform.Hosting;

/// <summary>
/// <c>silo migrate</c>: brings the database of the cluster up to date, the durable store's tables and those of Orleans' providers. Safe to run again, and by
/// several processes at once.
/// </summary>
internal static class MigrateCommand
{
    /// <returns>The exit code: 0 when the database is up to date.</returns>
    public static async Task<int> RunAsync(HostApplicationBuilder builder)
    {
        builder.AddClusterOptions();
        using var host = builder.Build();
        try
        {
            var options = host.Services.GetRequiredService<IOptions<ClusterOptions>>().Value;
            if (options.ConnectionString is null)
            {
                return Fail("Cluster:ConnectionString is not set: which database is to be migrated?");
            }

            var applied = await PostgresMigrations.ApplyAsync(options.ConnectionString, [PostgresMigrations.Store, OrleansMigrations.Group]);
            foreach (var script in applied)
            {
                Console.WriteLine($"applied {script.Group} {script.Name}");
            }

            Console.WriteLine("The database is up to date.");
            return 0;
        }
        catch (Exception exception) when (exception is OptionsValidationException or NpgsqlException or InvalidOperationException or TimeoutException)
        {
            return Fail(exception.Message);
        }
    }

    private static int Fail(string message)
    {
        Console.Error.WriteLine(message);
        return 1;
    }
}
