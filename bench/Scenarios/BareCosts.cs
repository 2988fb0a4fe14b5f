using IotPlatform.Bench.Measure;

namespace IotPlatform.Bench.Scenarios;

/// <summary>
/// What the calls that a unit of work makes would cost on Orleans alone, a few at a time, and how often that the platform's processes use: their calls come
/// one by one too, because each waits for other things in between.
/// </summary>
internal sealed class BareCosts(Figures bare)
{
    // A call from outside, and the other way, from a grain to a client: the second half of a round trip.
    private readonly double _call = Cpu(bare, "call");
    private readonly double _push = Cpu(bare, "round_trip") - Cpu(bare, "call");

    public void AddRatio(string step, Figures figures)
    {
        // Of a connect, the one that needs neither a registration nor an activation.
        var (used, counted) = step switch
        {
            "connect" => ("again_", "again_"),
            "messages" => ("", ""),
            _ => (null, null),
        };
        if (used is null
            || figures.Find($"{counted}gateway_requests") is not { } calls
            || figures.Find($"{counted}silo_requests") is not { } pushes)
        {
            return;
        }

        var cost = (calls * _call) + (pushes * _push);
        var spent = figures.Find($"{used}gateway_cpu_us")!.Value + figures.Find($"{used}silo_cpu_us")!.Value;
        figures.Add("bare_cpu_us", cost).Add("ratio_bare", spent / cost);
    }

    private static double Cpu(Figures bare, string kind) => bare.Find($"{kind}_client_cpu_us")!.Value + bare.Find($"{kind}_silo_cpu_us")!.Value;
}
