namespace IotPlatform.Gateways;

/// <summary>Tells when silos came or went.</summary>
public interface IClusterVersion
{
    /// <summary>Grows with every change of the cluster.</summary>
    long Current { get; }
}
