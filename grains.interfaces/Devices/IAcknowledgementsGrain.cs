namespace IotPlatform.Devices;

/// <summary>
/// Hands on acknowledgements to the grains of their devices, so that a gateway sends many in one call. Keeps nothing; runs in every silo. Key: any.
/// </summary>
[Alias("iot.acknowledgements")]
public interface IAcknowledgementsGrain : IGrainWithStringKey
{
    /// <summary>The key that gateways use.</summary>
    const string GrainKey = "acknowledgements/all";

    /// <summary>Hands them on. Those whose grain does not answer are reported as unreachable.</summary>
    [Alias("acknowledge"), ResponseTimeout("00:00:05")]
    Task<AcknowledgeBatchReply> AcknowledgeAsync(AcknowledgeBatch batch);
}
