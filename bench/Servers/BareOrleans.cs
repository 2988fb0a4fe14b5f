using System.Globalization;
using IotPlatform.Bench.Linux;
using IotPlatform.Bench.Measure;
using IotPlatform.Bench.Probe;

namespace IotPlatform.Bench.Servers;

/// <summary>Orleans without the platform: this benchmark, built on Orleans, as a silo and as a client.</summary>
internal sealed class BareOrleans : IDisposable
{
    /// <summary>The verbs by which the executable knows what it is to be; no scenario has these names.</summary>
    public const string SiloVerb = "bare-silo";
    public const string ClientVerb = "bare-client";

    /// <summary>What either says once it serves.</summary>
    public const string Ready = "ready";

    /// <summary>The kinds of calls.</summary>
    public const string Call = "call";
    public const string RoundTrip = "round-trip";
    public const string Activation = "activation";

    private readonly ChildProcess _silo;
    private readonly ChildProcess _client;
    private readonly ProbeClient _probe;
    private readonly ProcessMeter _siloMeter;
    private readonly ProcessMeter _clientMeter;

    private BareOrleans(ChildProcess silo, ChildProcess client, ProbeClient probe)
    {
        _silo = silo;
        _client = client;
        _probe = probe;
        _siloMeter = new ProcessMeter(silo.Id);
        _clientMeter = new ProcessMeter(client.Id);
    }

    public static BareOrleans Start(string program, IReadOnlyDictionary<string, string> siloSettings)
    {
        var (siloPort, gatewayPort) = (TextOf(RawSocket.FreePort()), TextOf(RawSocket.FreePort()));
        var folder = ChildProcess.NewFolder();
        var probe = new ProbeClient(folder);
        var silo = Start(program, [SiloVerb, siloPort, gatewayPort], new Dictionary<string, string>([.. siloSettings, .. probe.Environment]), folder);
        try
        {
            return new BareOrleans(silo, Start(program, [ClientVerb, gatewayPort], null, null), probe);
        }
        catch
        {
            silo.Dispose();
            throw;
        }
    }

    /// <summary>Makes so many calls of a kind, and adds their rate, and the CPU time of one on both sides.</summary>
    public void Measure(Figures figures, string prefix, string kind, int calls, int atOnce)
    {
        var (client, silo) = (_clientMeter.Cpu(), _siloMeter.Cpu());
        var seconds = Run(kind, calls, atOnce);
        var name = prefix + kind.Replace('-', '_');
        figures
            .Add($"{name}_rate", calls / seconds)
            .Add($"{name}_client_cpu_us", (_clientMeter.Cpu() - client).TotalMicroseconds / calls)
            .Add($"{name}_silo_cpu_us", (_siloMeter.Cpu() - silo).TotalMicroseconds / calls);
    }

    /// <summary>Adds what an empty activation holds of the silo's memory, too.</summary>
    public void MeasureActivations(Figures figures, int activations, int atOnce)
    {
        var (heap, resident) = (_probe.SettledHeap(), _siloMeter.ResidentKilobytes());
        Measure(figures, "", Activation, activations, atOnce);
        figures
            .Add("activation_heap_kb", (_probe.SettledHeap() - heap) / 1024.0 / activations)
            .Add("activation_rss_kb", (_siloMeter.ResidentKilobytes() - resident) / (double)activations);
    }

    /// <summary>Makes calls, and answers how many seconds that took.</summary>
    public double Run(string kind, int calls, int atOnce)
    {
        _client.Input.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind} {calls} {atOnce}"));
        var answer = _client.Output.ReadLine() ?? throw new IOException("Orleans' client has ended.");
        return double.Parse(answer, CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        _probe.Dispose();
        _client.Dispose();
        _silo.Dispose();
    }

    private static string TextOf(int port) => port.ToString(CultureInfo.InvariantCulture);

    private static ChildProcess Start(string program, string[] words, Dictionary<string, string>? environment, DirectoryInfo? folder)
    {
        var (host, arguments) = ChildProcess.CommandFor(program, words);
        var child = ChildProcess.StartPiped(host, arguments, environment, folder);
        if (child.Output.ReadLine() == Ready)
        {
            return child;
        }

        child.Dispose();
        throw new ServerStartException($"Orleans' {words[0]} did not start");
    }
}
