using IotPlatform.Bench.Measure;
using IotPlatform.Bench.Probe;

namespace IotPlatform.Bench.Servers;

/// <summary>The processes of one kind that a server has.</summary>
/// <param name="Kind">As it stands in the names of figures.</param>
/// <param name="Meter">What they use, together.</param>
/// <param name="Probes">Asks each of them; empty where they can not be asked.</param>
internal sealed record ServerPart(string Kind, ProcessMeter Meter, IReadOnlyList<ProbeClient> Probes);
