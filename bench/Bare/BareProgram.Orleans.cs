using System.Globalization;
using IotPlatform.Bench.Servers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace IotPlatform.Bench.Bare;

/// <summary>
/// Orleans without the platform, as a silo and a client in processes of their own: what the platform's figures are compared with. Grains for that have no
/// place in the silo that is the product, so the benchmark brings a silo of its own.
/// </summary>
internal static class BareProgram
{
    /// <summary>Runs what the command line names, if that is a part of it; null otherwise.</summary>
    public static Task<int>? TryRun(string[] words) => words switch
    {
        [BareOrleans.SiloVerb, var siloPort, var gatewayPort] => RunSiloAsync(Port(siloPort), Port(gatewayPort)),
        [BareOrleans.ClientVerb, var gatewayPort] => RunClientAsync(Port(gatewayPort)),
        _ => null,
    };

    private static int Port(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static async Task<int> RunSiloAsync(int siloPort, int gatewayPort)
    {
        var builder = QuietBuilder();
        builder.UseOrleans(silo => silo.UseLocalhostClustering(siloPort, gatewayPort));
        using var host = builder.Build();
        await host.StartAsync();
        Console.WriteLine(BareOrleans.Ready);

        // It ends when whoever started it has.
        await Console.In.ReadToEndAsync();
        await host.StopAsync();
        return 0;
    }

    private static async Task<int> RunClientAsync(int gatewayPort)
    {
        var builder = QuietBuilder();
        builder.UseOrleansClient(client => client.UseLocalhostClustering(gatewayPort));
        using var host = builder.Build();
        await host.StartAsync();
        Console.WriteLine(BareOrleans.Ready);
        var load = new BareLoad(host.Services.GetRequiredService<IGrainFactory>());
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var words = line.Split(' ');
            var seconds = await load.RunAsync(words[0], int.Parse(words[1], CultureInfo.InvariantCulture), int.Parse(words[2], CultureInfo.InvariantCulture));
            Console.WriteLine(seconds.ToString(CultureInfo.InvariantCulture));
        }

        await host.StopAsync();
        return 0;
    }

    private static HostApplicationBuilder QuietBuilder()
    {
        // The configuration of whoever starts the benchmark is no part of the measurement.
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection();
        return builder;
    }
}
