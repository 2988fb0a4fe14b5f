namespace IotPlatform.Bench.Load;

/// <summary>Devices that are connected and say nothing but PINGREQ.</summary>
/// <param name="Devices">How many.</param>
/// <param name="PingInterval">Within which each sends a PINGREQ.</param>
/// <param name="Duration">How long they are watched, without PINGREQs and then with.</param>
/// <param name="WarmUp">How long they send PINGREQs before that.</param>
/// <param name="Patience">Without any answer for this long, what is still missing is taken as lost.</param>
internal sealed record IdleLoad(int Devices, TimeSpan PingInterval, TimeSpan Duration, TimeSpan WarmUp, TimeSpan Patience);
