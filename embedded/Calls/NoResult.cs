
namespace IotPlatform.Embedded;

/// <summary>Stands for the result of a method that returns a plain task.</summary>
internal readonly struct NoResult;
