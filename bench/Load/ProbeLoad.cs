namespace IotPlatform.Bench.Load;

/// <summary>A few devices that are looked at while the server has much else to do.</summary>
/// <param name="Devices">How many.</param>
/// <param name="PerSecond">PINGREQs of all of them in a second, and as many device messages for them.</param>
/// <param name="PayloadBytes">The length of a message.</param>
/// <param name="Patience">How long the last answers are waited for.</param>
internal sealed record ProbeLoad(int Devices, int PerSecond, int PayloadBytes, TimeSpan Patience);
